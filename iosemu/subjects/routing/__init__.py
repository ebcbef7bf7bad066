"""Static routes."""

from iosemu.box.subject import Subject
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.routing.service import StaticRoutes

SUBJECT = Subject("routing", config=(RoutesConfig,), services=(StaticRoutes,))

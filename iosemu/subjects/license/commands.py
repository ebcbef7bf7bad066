"""`license boot module …`: which technology packages the next start brings."""

from __future__ import annotations

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, InvalidArgument, Steps

TERMS = (
    "This package is used under the terms of its end user license agreement.",
    "Answer yes only if you have read the agreement and accept it.",
)
"""What stands before the question; the text of the agreement itself is not repeated here."""
ACCEPTED = "license accept end user agreement"


def boot(context: Context, module: str, package: str, disable: bool = False) -> Steps:
    """`[no] license boot module M technology-package P [disable]`."""
    device = context.device
    system, terms = device.config.of(SystemConfig), device.model.facts["license"]
    if module != terms["module"]:
        raise InvalidArgument("module")
    technologies = {f"{row[0]}k9": row[0] for row in terms["packages"]}
    technology = technologies[package]
    if context.off or disable:
        system.license_boot.pop(technology, None)
        system.kept.pop(f"license boot module {module} technology-package {package}", None)
        yield "% use 'write' command to make license boot config take effect on next boot"
        return
    starting = device.now == device.booted_at
    known = technology in system.license_boot or system.kept.get(ACCEPTED) == ACCEPTED
    if not starting and not known and not getattr(context.session, "quiet", False):
        yield from TERMS
        yield ""
        while True:
            answer = (yield Ask("ACCEPT? [yes/no]: ")).strip().lower()
            if answer in ("yes", "y", "no", "n"):
                break
            yield "% Please answer 'yes' or 'no'."
        if answer.startswith("n"):
            return
    system.license_boot[technology] = package
    line = f"license boot module {module} technology-package {package}"
    system.kept[line] = line
    if starting:
        system.license_active[technology] = package
        return
    yield "% use 'write' command to make license boot config take effect on next boot"
    device.log(
        "IOS_LICENSE_IMAGE_APPLICATION", 6, "LICENSE_LEVEL",
        f"Module name = {module} Next reboot level = {package} and License = {package}",
    )  # fmt: skip

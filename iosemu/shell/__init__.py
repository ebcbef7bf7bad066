"""One session: mode stack, prompt, login, pager, output pipes and the effects of handlers."""

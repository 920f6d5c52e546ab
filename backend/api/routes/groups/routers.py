"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.groups import pages

PAGES = (pages.router,)

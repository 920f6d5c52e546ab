"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.cases import action_pages, action_rest, file_pages, pages, rest

PAGES = (pages.router, action_pages.router, file_pages.router)
REST = (rest.router, action_rest.router)

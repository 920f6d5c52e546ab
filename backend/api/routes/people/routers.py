"""The routers of this folder: pages for people, REST for programs."""

from backend.api.routes.people import invitation_pages, pages, profile_pages, substitute_pages, substitute_rest

PAGES = (substitute_pages.router, invitation_pages.router, profile_pages.router, pages.router)
REST = (substitute_rest.router,)

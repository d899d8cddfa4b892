"""What every page of signing in has in common, beside what allauth's view does."""

from typing import Any

from django.http import HttpResponse
from django.views.generic.base import ContextMixin, TemplateResponseMixin


class PageMixin(TemplateResponseMixin, ContextMixin):
    """A title, and 422 where a form is refused."""

    title = ""
    http_method_names = ["get", "head", "post", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What allauth's view says, and how the page is called."""
        return super().get_context_data(**kwargs) | {"title": self.title}

    def form_invalid(self, form: Any) -> HttpResponse:
        """The same page, with what is wrong at the field."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

"""The base of views. A view is the one form in which a thing is shown outside: the API returns it, `--json` prints it,
and templates take it.

class WebhookView(View):  # made by WebhookView.of(webhook)
    id: str
    url: str

class JobView(Job, View):  # all that a job has, and
    spent_usd: float

    @classmethod
    def of(cls, job: Job, store: Store) -> JobView:
        return super().of(job, spent_usd=…)
"""

from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class View(BaseModel):
    """The base of all views: frozen, and made from a domain object with the same fields."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        extra="ignore",
        strict=False,
        json_schema_serialization_defaults_required=True,
    )

    @classmethod
    def of(cls, thing: Any, /, *_: Any, **others: Any) -> Self:
        """The view of `thing`: fields of the same name are copied from it, unless `others` gives their values."""
        wanted = {name: field for name, field in cls.model_fields.items() if name not in others}
        copied = {
            name: getattr(thing, name) for name, field in wanted.items() if field.is_required() or hasattr(thing, name)
        }
        return cls.model_validate(copied | others)

    def data(self) -> dict[str, Any]:
        """What `--json` prints and the API sends."""
        return self.model_dump(mode="json")


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` is the cursor of the following one, null on the last."""

    items: list[T]
    next: str | None = Field(default=None, description="Send it back as `cursor` to get the next page.")


def example(*shown: dict[str, Any]) -> ConfigDict:
    """The `model_config` of a request's body with these examples in the API's documentation."""
    return ConfigDict(json_schema_extra={"examples": list(shown)})

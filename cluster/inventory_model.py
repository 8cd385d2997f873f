"""What every table of the inventory is."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A table that is frozen, has no unknown keys and whose values are of the types it says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

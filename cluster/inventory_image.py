"""The inventory's table `image`: where the image comes from, and what is added to it."""

import sys
from typing import Annotated, Self

from pydantic import Field, model_validator

from cluster.inventory_model import Model
from cluster.inventory_values import Endpoint, Requirement

LOCAL_REPOSITORY = "dask-swarm.invalid/node"


class Image(Model):
    """The image of scheduler and workers.

    It is built from `images/Dockerfile` on top of `base`, by the Docker at `builder` (default: the
    manager's), or is `reference`, which that Docker has already. With `registry`, nodes pull it
    from there; without, it is streamed to the nodes that lack it. `packages`, or those that the
    file `requirements` lists, are built into it.
    """

    reference: str | None = None
    registry: str | None = None
    builder: Endpoint | None = None
    base: str = f"python:{sys.version_info.major}.{sys.version_info.minor}-slim-bookworm"
    packages: Annotated[tuple[Requirement, ...], Field(strict=False)] = ()
    requirements: str | None = None

    @model_validator(mode="after")
    def _packages_are_named_once_for_an_image_that_is_built(self) -> Self:
        named = [key for key in ("packages", "requirements") if getattr(self, key)]
        if len(named) > 1:
            raise ValueError("packages and requirements name the same thing; write one of them")
        if named and self.reference:
            raise ValueError(
                f"{named[0]} goes into an image that is built, and reference names one that is "
                "there already; remove one of them"
            )
        return self

    def tagged(self, tag: str) -> str:
        """Return the reference of the image with a tag; `reference`, if there is one, as it is.

        Without a registry its name is one that no registry has, so Docker never looks for it there.
        """
        repository = f"{self.registry}/dask-swarm" if self.registry else LOCAL_REPOSITORY
        return self.reference or f"{repository}:{tag}"

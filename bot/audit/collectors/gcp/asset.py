"""An asset of Cloud Asset Inventory, with the others that it refers to.

Shape: https://cloud.google.com/asset-inventory/docs/reference/rest/v1/assets; exports write the same names in snake case.
Resources that the inventory lacks are read from the API of their product, and take the same form.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from bot.audit.collectors.engine.google_places import region_of
from bot.audit.collectors.engine.resource import Identity, Resource
from bot.audit.collectors.engine.row import OddFieldError, Row
from checks import Maybe, Unread

T = TypeVar("T")
SOURCE: Final = "gcp"
PROJECT: Final = "cloudresourcemanager.googleapis.com/Project"
FOLDER: Final = "cloudresourcemanager.googleapis.com/Folder"
_PLAIN_FOLDERS: Final = frozenset(
    (
        *("common", "dev", "development", "infra", "infrastructure", "live", "non-prod", "nonprod", "non-production"),
        *(
            "preprod",
            "prod",
            "production",
            "qa",
            "sandbox",
            "sandboxes",
            "shared",
            "staging",
            "stage",
            "test",
            "testing",
        ),
        "uat",
    )
)
"""Names of folders that say in which environment a project is, and name no service."""
_PLACED: Final = re.compile(r"/(?:zones|regions|locations)/([^/]+)")
_OWNER: Final = re.compile(r"projects/([^/\s]+)")
_STACKS: Final = {"goog-dm": "", "goog-terraform-provisioned": "terraform", "managed-by-cnrm": "config-connector"}
"""Label that a tool sets on what it creates -> its stack; empty: the label's value names it. Deployment Manager, "Labels";
hashicorp/google, "add_terraform_attribution_label"; Config Connector, "Resource labels"."""
_LABELS: Final = ("labels", "settings.userLabels", "resourceLabels", "userLabels", "metadata.labels")


def path_of(reference: str) -> str:
    """The path of a resource (`projects/p/zones/z/disks/d`), whichever host or version a reference is written with."""
    at = reference.find("projects/")
    return reference[at:] if at >= 0 else reference


def key_of(reference: str) -> str:
    """The full resource name of the Cloud KMS key that a field names, without its version; a name alone as it is written."""
    path = path_of(reference).partition("/cryptoKeyVersions/")[0]
    return f"//cloudkms.googleapis.com/{path}" if path.startswith("projects/") else reference


@dataclass(slots=True)
class AssetIndex:
    """All assets that were read, by type, and by the path that others refer to them with.

    `projects`: project number -> project id; a reference may have either. `folders`: folder (`folders/7`) -> the name that people
    gave it. `unread`: by type of asset, why it could not be
    listed: by project, or for all under the name `""`.
    """

    projects: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    by_type: dict[str, list["Asset"]] = field(default_factory=lambda: defaultdict(list))
    _by_path: dict[str, list["Asset"]] = field(default_factory=lambda: defaultdict(list))
    _inside: dict[tuple[str, str], list["Asset"]] = field(default_factory=lambda: defaultdict(list))
    _links: dict[tuple[str, str], dict[str, list["Asset"]]] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once: for what is counted over all assets."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def add(self, asset: "Asset") -> None:
        """Add one."""
        self.by_type[asset.resource_type].append(asset)
        path = asset.path
        self._by_path[path].append(asset)
        self._inside[asset.resource_type, path.rpartition("/")[0].rpartition("/")[0]].append(asset)

    def path(self, reference: str) -> str:
        """The path of a reference, with the project's id in place of its number."""
        path = path_of(reference)
        owner = _OWNER.match(path)
        known = self.projects.get(owner[1]) if owner else None
        return f"projects/{known}{path[owner.end() :]}" if owner and known else path

    def find(self, reference: str, *types: str) -> "Asset | None":
        """The asset of one of these types (none: of any) that a reference names; None if it was not listed."""
        found = self._by_path.get(self.path(reference), ()) if reference else ()
        return next((asset for asset in found if not types or asset.resource_type in types), None)

    def inside(self, reference: str, resource_type: str) -> Sequence["Asset"]:
        """The assets of a type that are a part of this resource by their name: `.../instances/i/clusters/c`."""
        return self._inside.get((resource_type, self.path(reference)), ())

    def naming(self, reference: str, resource_type: str, field_name: str) -> Sequence["Asset"]:
        """The assets of a type whose field (a text or list of texts) names this resource."""
        found = self._links.get((resource_type, field_name))
        if found is None:
            found = self._links[resource_type, field_name] = defaultdict(list)
            for asset in self.by_type.get(resource_type, ()):
                for target in _texts(asset, field_name):
                    found[self.path(target)].append(asset)
        return found.get(self.path(reference), ())

    def why_unread(self, resource_type: str, account: str) -> Unread | None:
        """Why assets of a type could not be listed in a project; None where they were."""
        reasons = self.unread.get(resource_type, {})
        reason = reasons.get(account) or reasons.get("")
        return Unread(reason) if reason else None


def _texts(row: Row, field_name: str) -> tuple[str, ...]:
    """The texts of a field; `backends[].group` steps through a list. One of an odd form refers to nothing."""
    try:
        rows: tuple[Row, ...] = (row,)
        rest = field_name
        if "[]." in field_name:
            outer, _, rest = field_name.partition("[].")
            rows = row.rows(outer)
        return tuple(text for inner in rows for text in inner.texts(rest))
    except OddFieldError:
        return ()


@dataclass(frozen=True, slots=True)
class Asset(Resource):
    """One asset: `body` is its `resource.data`. `location`: where it is, as the inventory tells it.

    The inventory writes lists of Compute Engine in the plural (`users`) or, exported from protocol buffers, in the singular
    (`user`); both are read under the plural.
    """

    location: str = field(kw_only=True)
    estate: AssetIndex = field(kw_only=True, compare=False, repr=False)

    @property
    def path(self) -> str:
        """The path by which other resources refer to it."""
        return self.estate.path(self.identity.resource)

    def word(self, path: str) -> str:
        """A text of an asset that completes another one: empty where it is odd, which costs the other nothing."""
        found = self.maybe(self.text, path)
        return "" if isinstance(found, Unread) else found

    def told(self, path: str) -> bool:
        """Whether the answer has this field."""
        return self.value(path) is not None

    def missing(self, path: str) -> Unread:
        """Why a field that the answer lacks, and that has no documented default, is unread."""
        return Unread(f"the answer has no {path}")

    def naming_this(self, resource_type: str, field_name: str) -> Sequence["Asset"]:
        """The assets of a type whose field names this one."""
        return self.estate.naming(self.identity.resource, resource_type, field_name)

    def inside_this(self, resource_type: str) -> Sequence["Asset"]:
        """The assets of a type that are a part of this one by their name."""
        return self.estate.inside(self.identity.resource, resource_type)

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of a list, written in the plural or the singular."""
        return Row.texts(self, self._written(path))

    def rows(self, path: str) -> tuple[Row, ...]:
        """The objects of a list, written in the plural or the singular."""
        return Row.rows(self, self._written(path))

    def _written(self, path: str) -> str:
        if not path.endswith("s") or not self.resource_type.startswith("compute.") or self.value(path) is not None:
            return path
        return f"{path.removesuffix('ies')}y" if path.endswith("ies") else path.removesuffix("s")

    def named_in(self, path: str, *types: str) -> "tuple[Asset, ...]":
        """The listed assets of these types that a field (a text or list of texts) names."""
        found = (self.estate.find(reference, *types) for reference in self.texts(path))
        return tuple(asset for asset in found if asset is not None)

    def newest(self, resource_type: str, field_name: str, moment: str) -> Maybe[datetime | None]:
        """The newest moment (a field) of the assets of a type that name this one; None for none; unread if they are."""
        return newest(self.naming_this(resource_type, field_name), moment) or self.estate.why_unread(
            resource_type, self.identity.account
        )


def newest(assets: Iterable[Asset], moment: str) -> Maybe[datetime | None]:
    """The newest moment (a field) of assets; None where none has one. One that is odd hides no other."""
    moments = [asset.maybe(asset.when, moment) for asset in assets]
    taken = [found for found in moments if found is not None and not isinstance(found, Unread)]
    return max(taken) if taken else next((found for found in moments if isinstance(found, Unread)), None)


def project_ids(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Project number -> project id, of the assets that are projects."""
    found: dict[str, str] = {}
    for item in items:
        row = Row(item)
        if _type(row) == PROJECT:
            number, project = row.text("resource.data.projectNumber"), row.text("resource.data.projectId")
            if number and project:
                found[number] = project
    return found


def folder_names(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Folder (`folders/7`) -> its name, of the assets that are folders."""
    rows = [Row(item).row("resource.data") for item in items if _type(Row(item)) == FOLDER]
    named = ((row.text("name"), row.text("displayName").strip()) for row in rows)
    return {folder: name for folder, name in named if folder and name}


def _folder_of(row: Row, estate: AssetIndex) -> str:
    """The name of the nearest folder above a resource that does not say its environment alone; empty where none was listed."""
    names = (estate.folders.get(place, "") for place in row.texts("ancestors"))
    return next((name for name in names if name and name.casefold() not in _PLAIN_FOLDERS), "")


def _type(row: Row) -> str:
    return row.text("assetType") or row.text("asset_type")


def asset_of(item: Mapping[str, Any], now: datetime, estate: AssetIndex) -> Asset:
    """The asset of an item of a listing.

    Raises:
        OddFieldError: a field that every asset has is of another type than documented.
    """
    row, data = Row(item), _data(Row(item))
    name, kind = row.text("name"), _type(row)
    placed = _PLACED.search(name)
    location = row.text("resource.location") or (placed[1] if placed else "") or _location(data)
    named = (path for path in _LABELS if path.partition(".")[0] in data.body)
    tags = next((labels for path in named if (labels := data.labels(path))), {})
    owner = next((found for place in _owners(row, name) if (found := _OWNER.search(place))), None)
    account = owner[1] if owner else data.text("projectNumber")
    identity = Identity(
        provider="gcp",
        account=estate.projects.get(account, account),
        region=region_of(location),
        resource=name,
        name=name.rpartition("/")[2],
        source=SOURCE,
        observed_at=now,
        tags=tags,
        stack=next((stack or tags[label] for label, stack in _STACKS.items() if tags.get(label)), ""),
        group=_folder_of(row, estate),
    )
    return Asset(data.body, resource_type=kind, identity=identity, location=location.lower(), estate=estate)


def _data(row: Row) -> Row:
    """The resource itself; one that a plan was converted to may be the body of the call that creates it."""
    data = row.row("resource.data")
    return data.row("instance") if "instance" in data.body and "instanceId" in data.body else data


def _owners(row: Row, name: str) -> tuple[str, ...]:
    return name, *row.texts("ancestors"), row.text("resource.parent")


def _location(data: Row) -> str:
    return next((found for path in ("zone", "location", "region") if (found := data.text(path))), "")

"""Record types: each noun declared once, and everything the kernel derives from it."""

from cerebro_server.kernel.fields.batch import Arrangement, Batch, Making, Refusal, Rules
from cerebro_server.kernel.fields.carried import Carried
from cerebro_server.kernel.fields.catalog import Catalog, ManyVerb
from cerebro_server.kernel.fields.columns import CustomizedRow, LockableRow, RecordRow
from cerebro_server.kernel.fields.custom import Definition
from cerebro_server.kernel.fields.definitions import (
    NO_DEFINITIONS,
    Definitions,
    read_definitions,
)
from cerebro_server.kernel.fields.duplicates import Compared, Duplicates
from cerebro_server.kernel.fields.elsewhere import Elsewhere
from cerebro_server.kernel.fields.field import Field
from cerebro_server.kernel.fields.handover import Handover
from cerebro_server.kernel.fields.part import PartKey, Primary
from cerebro_server.kernel.fields.preset import (
    Chain,
    Fork,
    ImportParent,
    Preset,
    Spread,
    Unfolding,
)
from cerebro_server.kernel.fields.record_type import RecordType
from cerebro_server.kernel.fields.relation import Relation, Via
from cerebro_server.kernel.fields.searched import Searched
from cerebro_server.kernel.fields.stays import Stays
from cerebro_server.kernel.fields.unmerged import Unmerged

__all__ = [
    "NO_DEFINITIONS",
    "Arrangement",
    "Batch",
    "Carried",
    "Catalog",
    "Chain",
    "Compared",
    "CustomizedRow",
    "Definition",
    "Definitions",
    "Duplicates",
    "Elsewhere",
    "Field",
    "Fork",
    "Handover",
    "ImportParent",
    "LockableRow",
    "Making",
    "ManyVerb",
    "PartKey",
    "Preset",
    "Primary",
    "RecordRow",
    "RecordType",
    "Refusal",
    "Relation",
    "Rules",
    "Searched",
    "Spread",
    "Stays",
    "Unfolding",
    "Unmerged",
    "Via",
    "read_definitions",
]

"""Record types: each noun declared once, and everything the kernel derives from it."""

from cerebro_server.kernel.fields.batch import Batch, Refusal, Rules
from cerebro_server.kernel.fields.columns import RecordRow
from cerebro_server.kernel.fields.field import Field
from cerebro_server.kernel.fields.part import PartKey, Primary
from cerebro_server.kernel.fields.preset import Preset
from cerebro_server.kernel.fields.record_type import RecordType
from cerebro_server.kernel.fields.relation import Relation, Via

__all__ = [
    "Batch",
    "Field",
    "PartKey",
    "Preset",
    "Primary",
    "RecordRow",
    "RecordType",
    "Refusal",
    "Relation",
    "Rules",
    "Via",
]

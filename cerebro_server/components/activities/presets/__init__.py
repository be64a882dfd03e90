"""Other products' exports of tasks, activities and notes."""

from cerebro_server.components.activities.presets import (
    espocrm,
    hubspot,
    odoo,
    pipedrive,
    salesforce,
    twenty,
    zoho,
)

TASKS = {
    "salesforce": salesforce.TASKS,
    "hubspot": hubspot.TASKS,
    "zoho": zoho.TASKS,
    "odoo": odoo.TASKS,
    "espocrm": espocrm.TASKS,
    "twenty": twenty.TASKS,
}
ACTIVITIES = {
    "salesforce": salesforce.ACTIVITIES,
    "hubspot": hubspot.ACTIVITIES,
    "pipedrive": pipedrive.ACTIVITIES,
    "zoho": zoho.ACTIVITIES,
    "odoo": odoo.ACTIVITIES,
    "espocrm": espocrm.ACTIVITIES,
}
NOTES = {
    "hubspot": hubspot.NOTES,
    "zoho": zoho.NOTES,
    "odoo": odoo.NOTES,
    "espocrm": espocrm.NOTES,
}

__all__ = ["ACTIVITIES", "NOTES", "TASKS"]

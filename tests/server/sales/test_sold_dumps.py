"""What other products export of what they sell: products, prices, line items, quotes, and leads."""

from __future__ import annotations

import httpx

from tests.fixtures.people import People
from tests.fixtures.stores import Installation
from tests.server.operations.doing import errors, everything, undone
from tests.server.operations.test_dump import imported
from tests.server.sales.test_line_files import NOUNS, listed
from tests.server.sales.test_product_dumps import arrived

SALESFORCE = {
    "Account.csv": "Id,Name\n001A,Acme\n",
    "Product2.csv": (
        "Id,Name,ProductCode,Description,IsActive,Family,QuantityUnitOfMeasure,IsDeleted\n"
        "01tA,Engine,E-100,Big,true,,piece,false\n01tB,Old engine,E-1,,false,,,false\n"
    ),
    "Pricebook2.csv": "Id,Name,IsActive,IsStandard,IsDeleted\n01sA,Standard,true,true,false\n",
    "PricebookEntry.csv": (
        "Id,Pricebook2Id,Product2Id,UnitPrice,IsActive,UseStandardPrice,IsDeleted\n"
        "01uA,01sA,01tA,100.5,true,false,false\n01uB,01sA,01tB,7,false,false,false\n"
    ),
    "Opportunity.csv": (
        "Id,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon,Owner.Email\n"
        "006A,001A,Fleet,Closed Won,180.90,2024-03-01,true,true,ada@cerebro.test\n"
        "006B,001A,More,Prospecting,,2030-03-01,false,false,gone@x.example\n"
    ),
    "OpportunityLineItem.csv": (
        "Id,OpportunityId,Product2Id,PricebookEntryId,Quantity,UnitPrice,Discount,TotalPrice,"
        "SortOrder,IsDeleted\n"
        "00kA,006A,01tA,01uA,2.00,100.5,10.00,180.90,1,false\n"
        "00kB,006B,01tB,01uB,3.00,7,,21,,false\n"
    ),
    "Quote.csv": (
        "Id,OpportunityId,Name,QuoteNumber,Status,ExpirationDate,ShippingHandling,CreatedDate,"
        "IsDeleted\n"
        "0Q0A,006A,First,00000017,Accepted,2024-02-28,20,2024-02-01T08:00:00.000Z,false\n"
        "0Q0B,006B,Next,00000018,In Review,2030-01-01,,2024-02-01T08:00:00.000Z,false\n"
    ),
    "QuoteLineItem.csv": (
        "Id,QuoteId,Product2Id,Quantity,UnitPrice,Discount,SortOrder,IsDeleted\n"
        "0QLA,0Q0A,01tA,2.00,100.5,10.00,1,false\n0QLB,0Q0B,01tB,3.00,7,,1,false\n"
    ),
}
HUBSPOT = {
    "all-deals.csv": (
        "Record ID,Deal Name,Pipeline,Deal Stage,Amount,Close Date,Deal owner\n"
        "21,Fleet,Sales Pipeline,Appointment Scheduled,,2030-03-01,Ada (ada@cerebro.test)\n"
    ),
    "all-products.csv": (
        "Record ID,Name,SKU,Unit price,Product description\n51,Engine,E-100,100,Big\n"
    ),
    "all-line-items.csv": (
        "Record ID,Name,Quantity,Unit price,SKU,Product ID,Discount percentage,"
        "Associated Deal IDs\n"
        "61,Engine,2,100.5,E-100,51,10,21\n"
    ),
    "all-leads.csv": (
        "Record ID,Lead Name,Lead Stage,Lead owner,Associated Company,Create Date\n"
        "71,Grace Hopper,Attempting,Ada Lovelace (ada@cerebro.test),Navy,2024-01-01 08:00\n"
    ),
}
PIPEDRIVE = {
    "deals.csv": (
        "Deal - ID,Deal - Title,Deal - Stage,Deal - Status,Deal - Owner\n"
        "41,Fleet,Qualified,Open,Ada Lovelace\n42,More,Qualified,Open,ada@cerebro.test\n"
    ),
    "products.csv": (
        "Product - ID,Product - Name,Product - Product code,Product - Unit,Product - Tax\n"
        "51,Engine,E-100,piece,19\n"
    ),
    "leads.csv": (
        "Lead - ID,Lead - Title,Lead - Owner,Lead - Label,Lead - Lead created on,"
        "Lead - Contact person\n"
        "a1,Wants boats,ada@cerebro.test,Hot,2024-01-01 08:00:00,Grace Hopper\n"
    ),
}


async def test_salesforce(api: httpx.AsyncClient, main: People, installation: Installation) -> None:
    ada = str(main.user("ada", "agent"))
    before = everything(installation, *NOUNS)
    op = await imported(api, SALESFORCE, preset="salesforce")
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0), str(await errors(api, op))
    deals = await arrived(api, SALESFORCE, "salesforce")
    assert (deals["Fleet"]["amount"], deals["Fleet"]["owner_id"]) == ("180.90", ada)
    assert deals["More"]["owner_id"] != ada  # whoever imports what was of somebody not here
    assert (deals["More"]["amount"], deals["More"]["amount_source"]) == ("21.00", "lines")
    [price] = await listed(api, "prices")
    assert price["price"] == "100.5000"
    [book] = await listed(api, "price_books")
    assert (book["name"], book["is_default"]) == ("Standard", True)
    lines = await listed(api, "deal_lines", sort="net")
    told = [(each["description"], each["net"], each["discount"]) for each in lines]
    assert told == [("Old engine", "21.00", "0.00"), ("Engine", "180.90", "20.10")]
    accepted, draft = await listed(api, "quotes", sort="number")
    assert (accepted["number"], accepted["status"], accepted["total"]) == (17, "accepted", "200.90")
    assert (draft["number"], draft["status"], draft["total"]) == (18, "draft", "21.00")
    assert deals["Fleet"]["status"] == "won"
    await undone(api, op)
    assert everything(installation, *NOUNS) == before


async def test_hubspot_and_pipedrive(
    api: httpx.AsyncClient, main: People, installation: Installation
) -> None:
    ada = str(main.user("ada", "agent"))
    op = await imported(api, HUBSPOT, preset="hubspot")
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0), str(await errors(api, op))
    deals = await arrived(api, HUBSPOT, "hubspot")
    assert (deals["Fleet"]["owner_id"], deals["Fleet"]["amount"]) == (ada, "180.90")
    [lead] = await listed(api, "leads")
    assert (lead["full_name"], lead["company_name"], lead["owner_id"]) == (
        *("Grace Hopper", "Navy", ada),
    )
    await undone(api, op)
    op = await imported(api, PIPEDRIVE, preset="pipedrive")
    assert (op["done"]["left"], op["plan"]["error"]) == (0, 0), str(await errors(api, op))
    deals = await arrived(api, PIPEDRIVE, "pipedrive")
    assert (deals["Fleet"]["owner_id"] == ada, deals["More"]["owner_id"]) == (False, ada)
    [product] = await listed(api, "products")
    assert (product["sku"], product["unit"], product["tax_rate"]) == ("E-100", "piece", "19.0000")
    [lead] = await listed(api, "leads")
    assert (lead["owner_id"], lead["tags"]) == (ada, ["Hot"])

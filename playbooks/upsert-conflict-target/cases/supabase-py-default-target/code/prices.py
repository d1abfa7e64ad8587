from .client import supabase


async def set_price(sku: str, region: str, cents: int) -> None:
    row = {"sku": sku, "region": region, "cents": cents}
    await supabase.table("prices").upsert(row).execute()

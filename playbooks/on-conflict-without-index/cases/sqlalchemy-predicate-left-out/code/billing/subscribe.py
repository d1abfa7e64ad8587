from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing.models import Subscription


def subscribe(session: Session, account: int, plan: str, seats: int) -> None:
    stmt = insert(Subscription).values(account=account, plan=plan, seats=seats)
    stmt = stmt.on_conflict_do_update(
        index_elements=[Subscription.account, Subscription.plan],
        set_={"seats": stmt.excluded.seats},
    )
    session.execute(stmt)
    session.commit()

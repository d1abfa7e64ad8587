from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Subscription(Base):
    __tablename__ = "subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[int] = mapped_column("account_id")
    plan: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    seats: Mapped[int]

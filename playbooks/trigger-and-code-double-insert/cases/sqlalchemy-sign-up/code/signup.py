from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"
    id = mapped_column(primary_key=True)
    email = mapped_column()


class Profile(Base):
    __tablename__ = "profiles"
    id = mapped_column(primary_key=True)
    account_id = mapped_column(ForeignKey("accounts.id"))


def sign_up(session: Session, email: str) -> Account:
    account = Account(email=email)
    session.add(account)
    session.flush()
    session.add(Profile(account_id=account.id))
    session.commit()
    return account

"""Certificates of courses that were completed. Whether one still counts the rights that opened its course say."""

from sqlite3 import Connection

from api.model import Certificate
from api.store.rows import as_columns, as_struct


def insert(db: Connection, certificate: Certificate) -> None:
    db.execute(
        """
        INSERT INTO certificates (id, account_id, course_id, title, name, lectures, seconds, completed_at, issued_at)
        VALUES (:id, :account_id, :course_id, :title, :name, :lectures, :seconds, :completed_at, :issued_at)
        """,
        as_columns(certificate),
    )


def rename(db: Connection, id: str, *, name: str) -> None:
    db.execute("UPDATE certificates SET name = ? WHERE id = ?", (name, id))


def find(db: Connection, id: str) -> Certificate | None:
    row = db.execute("SELECT * FROM certificates WHERE id = ?", (id,)).fetchone()
    return as_struct(row, Certificate) if row else None


def of(db: Connection, account_id: str) -> list[Certificate]:
    """The newest first; two of one course where two accounts became one."""
    rows = db.execute("SELECT * FROM certificates WHERE account_id = ? ORDER BY issued_at DESC, id", (account_id,))
    return [as_struct(row, Certificate) for row in rows]


def move(db: Connection, source_id: str, *, target_id: str) -> None:
    """They go where their courses go: their addresses stay good."""
    db.execute("UPDATE certificates SET account_id = ? WHERE account_id = ?", (target_id, source_id))


def delete_all(db: Connection, account_id: str) -> None:
    db.execute("DELETE FROM certificates WHERE account_id = ?", (account_id,))

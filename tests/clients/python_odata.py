"""Drives the service with python-odata, a client that builds its classes from `$metadata`.

Usage: python python_odata.py http://127.0.0.1:8080/api/domain/odata/

Every answer is compared with what Python finds in the unfiltered set.
"""

import sys
import uuid

from odata import ODataService
from odata.exceptions import ODataError

TESTS = []


def test(run):
    """Registers a test; its name is the function's."""
    TESTS.append(run)
    return run


def ids(rows):
    return sorted(str(row.Id) for row in rows)


class Fixture:
    """The service as the library sees it, and all its users, read page by page."""

    def __init__(self, root):
        headers = {"Prefer": "odata.maxpagesize=83"}
        self.service = ODataService(
            root, reflect_entities=True, extra_headers=headers, quiet_progress=True
        )
        self.users = self.service.entities["Systems_Security_Users"]
        self.all = self.query().all()
        self.some = self.all[len(self.all) // 2]

    def query(self):
        return self.service.query(self.users)


@test
def metadata_gives_every_set_and_no_secret(f):
    for name in ("Systems_Security_Groups", "Systems_Security_Roles", "General_Contacts_Persons"):
        assert name in f.service.entities, name
    for name in ("Login", "Email", "Name", "UserType", "CreationTimeUtc", "Groups", "Person"):
        assert hasattr(f.users, name), name
    assert not hasattr(f.users, "Password")


@test
def pages_give_every_user_once(f):
    assert len(f.all) > 83
    assert len(set(ids(f.all))) == len(f.all) == f.query().count()


@test
def limit_is_a_total(f):
    assert len(f.query().limit(10).all()) == 10


@test
def a_user_by_key(f):
    assert f.query().get(f.some.Id).Login == f.some.Login


@test
def filter_by_login(f):
    assert ids(f.query().filter(f.users.Login == f.some.Login)) == [str(f.some.Id)]


@test
def filter_by_a_quote_finds_nobody(f):
    assert f.query().filter(f.users.Login == "no'body").all() == []


@test
def filter_by_part_of_a_login(f):
    part = f.some.Login[1:4]
    expected = [u for u in f.all if part.lower() in u.Login.lower()]
    assert ids(f.query().filter(f.users.Login.contains(part))) == ids(expected)


@test
def filter_by_the_part_missing(f):
    part = f.some.Login[1:4]
    expected = [u for u in f.all if part.lower() not in u.Login.lower()]
    assert ids(f.query().filter(f.users.Login.lacks(part))) == ids(expected)


@test
def filter_by_enum_member(f):
    # As text: the library writes enum literals in the namespace of one vendor, not of `$metadata`.
    kind = f.some.UserType
    expected = [u for u in f.all if u.UserType == kind]
    assert ids(f.query().filter(f"UserType eq '{kind.name}'")) == ids(expected)


@test
def filter_by_null(f):
    expected = [u for u in f.all if u.Email is None]
    assert expected
    assert ids(f.query().filter(f.users.Email.is_null())) == ids(expected)


@test
def filter_by_time(f):
    since = f.some.CreationTimeUtc
    expected = [u for u in f.all if u.CreationTimeUtc >= since]
    assert 0 < len(expected) < len(f.all)
    assert ids(f.query().filter(f.users.CreationTimeUtc >= since)) == ids(expected)


@test
def filters_combine(f):
    either = (f.users.Login == f.some.Login) | (f.users.Login == f.all[0].Login)
    rows = f.query().filter(either).filter(f.users.Active == f.some.Active)
    expected = [u for u in (f.some, f.all[0]) if u.Active == f.some.Active]
    assert ids(rows) == ids({str(u.Id): u for u in expected}.values())


@test
def count_of_a_filter(f):
    expected = sum(1 for u in f.all if u.Active)
    assert f.query().filter(f.users.Active == True).count() == expected  # noqa: E712


@test
def order_and_offset(f):
    ascending = [u.Login for u in f.query().order_by(f.users.Login.asc())]
    part = f.query().order_by(f.users.Login.desc()).offset(3).limit(4).all()
    assert [u.Login for u in part] == ascending[::-1][3:7]


@test
def select_gives_bare_values(f):
    rows = f.query().select(f.users.Login, f.users.Email).limit(3).all()
    assert len(rows) == 3
    for row in rows:
        assert {k for k in row if not k.startswith("@")} - {"Id"} == {"Login", "Email"}


@test
def expand_gives_members(f):
    rows = f.query().expand(f.users.Groups).limit(40).all()
    memberships = [g for user in rows for g in user.Groups]
    assert memberships
    assert all(isinstance(g.Id, (str, uuid.UUID)) for g in memberships)


@test
def a_refusal_has_its_code(f):
    try:
        f.query().filter(f.users.Notes == "x").all()
    except ODataError as error:
        assert error.code == "FilterNotDeclared", error.code
        assert "400" in str(error.status_code), error.status_code
    else:
        raise AssertionError("`Notes eq 'x'` was not refused")


def main():
    fixture = Fixture(sys.argv[1])
    failed = 0
    for run in TESTS:
        name = run.__name__.replace("_", " ")
        try:
            run(fixture)
            print(f"ok      python-odata {name}")
        except Exception as error:  # a test that breaks is a test that fails
            failed += 1
            print(f"FAILED  python-odata {name}\n        {type(error).__name__}: {error}")
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

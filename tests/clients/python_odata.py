"""Drives the service with python-odata, a client that builds its classes from `$metadata`.

Usage: python python_odata.py http://127.0.0.1:8080/api/domain/odata/

Every answer is compared with what Python finds in the unfiltered set.
"""

import base64
import contextlib
import os
import sys
import uuid

from odata import ODataService
from odata.exceptions import NoResultsFound, ODataError
from odata.flags import ODataServerFlags

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
        pair = f"admin:{os.environ['USERDEX_ADMIN_PASSWORD']}"
        signed = base64.b64encode(pair.encode()).decode()
        headers = {"Prefer": "odata.maxpagesize=83", "Authorization": f"Basic {signed}"}
        # Without this flag the library sends null for every property that nobody has set.
        flags = ODataServerFlags(skip_null_properties=True)
        self.service = ODataService(
            root,
            reflect_entities=True,
            extra_headers=headers,
            quiet_progress=True,
            server_flags=flags,
        )
        self.users = self.service.entities["Systems_Security_Users"]
        self.all = self.query().all()
        self.some = self.all[len(self.all) // 2]

    def query(self):
        return self.service.query(self.users)

    def new(self, **values):
        """A user who is nowhere but here."""
        user = self.users()
        user.Login = f"py.{uuid.uuid4()}"
        user.Name = {"EN": "Pia Thon", "BG": "Пия"}
        user.UserType = self.users.UserType.enum_class["VirtualUserNoLogin"]
        for name, value in values.items():
            setattr(user, name, value)
        return user

    @contextlib.contextmanager
    def saved(self, **values):
        """A new user in the directory, gone afterwards."""
        user = self.new(**values)
        self.service.save(user)
        try:
            yield user
        finally:
            if self.service.is_entity_saved(user):
                self.service.delete(user)

    def stored(self, user):
        """What the directory has of a user now."""
        return self.query().get(user.Id)


def refusal(run, *arguments):
    """How a call is refused."""
    try:
        run(*arguments)
    except ODataError as error:
        return error
    raise AssertionError("nothing was refused")


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
    error = refusal(f.query().filter(f.users.Notes == "x").all)
    assert error.code == "FilterNotDeclared", error.code
    assert "400" in str(error.status_code), error.status_code


@test
def a_new_user_is_saved_and_deleted(f):
    user = f.new()
    assert not f.service.is_entity_saved(user)
    f.service.save(user)
    try:
        assert f.service.is_entity_saved(user)
        # What the server has made is known without a second request.
        assert uuid.UUID(str(user.Id)) and user.Active is True
        stored = f.stored(user)
        assert (stored.Login, stored.Name) == (user.Login, {"EN": "Pia Thon", "BG": "Пия"})
        assert stored.UserType.name == "VirtualUserNoLogin"
        assert stored.CreationTimeUtc == user.CreationTimeUtc
    finally:
        f.service.delete(user)
    assert isinstance(refusal(f.query().get, user.Id), NoResultsFound)


@test
def a_key_of_our_own_is_kept(f):
    key = str(uuid.uuid4())
    with f.saved(Id=key) as user:
        assert str(user.Id) == key == str(f.stored(user).Id)


@test
def a_change_sends_what_has_changed(f):
    with f.saved() as user:
        user.Notes = "from Python"
        user.Active = False
        changes = user.__odata__.data_for_update(f.service.server_flags)
        # The type comes without the `#` of the standard.
        assert changes == {
            "@odata.type": "Erp.Systems_Security_User",
            "Notes": "from Python",
            "Active": False,
        }
        f.service.save(user)
        stored = f.stored(user)
        assert (stored.Notes, stored.Active, stored.Login) == ("from Python", False, user.Login)


@test
def a_part_of_a_name_leaves_the_rest(f):
    with f.saved() as user:
        user.Name = {"EN": "Pia"}
        f.service.save(user)
        assert f.stored(user).Name == {"EN": "Pia", "BG": "Пия"}


@test
def a_change_gives_a_new_tag(f):
    with f.saved() as user:
        before = user.__odata__["@odata.etag"]
        user.Notes = "tag"
        f.service.save(user)  # reads the user again, as the answer has no body
        assert user.__odata__["@odata.etag"] != before
        stale = {"If-Match": before}
        url = user.__odata__.instance_url
        patch = f.service.default_context.connection.execute_patch
        error = refusal(lambda: patch(url, {"Notes": "stale"}, extra_headers=stale))
        assert (error.code, f.stored(user).Notes) == ("PreconditionFailed", "tag")
        user.Notes = "fresh"
        fresh = {"If-Match": user.__odata__["@odata.etag"]}
        f.service.default_context.save(user, extra_headers=fresh)
        assert f.stored(user).Notes == "fresh"


@test
def a_password_comes_with_a_new_user(f):
    # The library has no place for annotations; its connection has.
    new = f.new(UserType=f.users.UserType.enum_class["InternalUser"])
    data = new.__odata__.data_for_insert(f.service.server_flags)
    post = f.service.default_context.connection.execute_post
    url = f.users.__odata_url__()
    assert refusal(post, url, data).code == "R35716"
    row = post(url, {**data, "@ext.initialPassword": "Long and secret 1"})
    try:
        assert row["Login"] == new.Login
        assert not [name for name in row if "password" in name.lower() and name != "PasswordFormat"]
    finally:
        f.service.delete(f.query().get(row["Id"]))


@test
def a_member_is_added_by_reference(f):
    groups = f.service.entities["Systems_Security_Groups"]
    memberships = f.service.entities["Systems_Security_UserGroups"]
    group = f.service.query(groups).first()
    with f.saved() as user:
        membership = memberships()
        membership.User = user
        membership.Group = group
        f.service.save(membership)
        found = f.service.query(memberships).expand(memberships.Group).get(membership.Id)
        assert str(found.Group.Id) == str(group.Id)


@test
def actions_are_called_by_their_classes(f):
    with f.saved(Email=f"{uuid.uuid4()}@uni.example") as user:
        assert user.SetPassword(password="Long and secret 1") is None
        assert user.ConfirmEmail() is None
        assert f.stored(user).EmailConfirmed is True
        error = refusal(lambda: user.SetPassword(password=""))
        assert "4" == str(error.status_code).removeprefix("HTTP ")[0], error


@test
def a_null_that_is_not_allowed_is_refused_by_name(f):
    data = f.new().__odata__.data_for_insert(ODataServerFlags())
    assert data["Active"] is None
    post = f.service.default_context.connection.execute_post
    error = refusal(post, f.users.__odata_url__(), data)
    assert error.code == "ValueRequired" and "required" in error.message, error


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

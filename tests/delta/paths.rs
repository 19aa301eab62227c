//! Rows that come into a set, or look otherwise, because of what led to them or does so no more.

use serde_json::{Value, json};

use crate::kit::{GROUPS, MEMBERS, Mirror, Reader, removed, shown, target};
use crate::support::server::{Kind, Server, USERS, key, link, settings};

crate::on_both!(
    a_child_that_goes_lets_its_root_in,
    a_child_that_moves_is_told_on_both_sides,
    what_moves_while_pages_are_read_is_told,
    texts_made_of_others_are_followed,
    references_that_are_hidden_are_followed,
    the_time_at_which_users_began_is_followed,
    what_rests_on_the_time_is_not_promised,
    values_beside_the_history_are_not_promised,
);

const TOKENS: &str = "Systems_Security_AccessTokens";
const PERSONS: &str = "General_Contacts_Persons";
const COMPANIES: &str = "General_Contacts_Companies";
const EMPLOYEES: &str = "General_Contacts_CompanyEmployees";

fn employed(server: &Server, name: &str) -> (String, String) {
    let person = server.create(PERSONS, &json!({"FirstName": {"EN": name}}));
    let company = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": name});
    let company = server.create(COMPANIES, &company);
    let employment = json!({"Person": link(&person), "Company": link(&company)});
    (person, server.create(EMPLOYEES, &employment))
}

fn a_child_that_goes_lets_its_root_in(kind: Kind) {
    let server = kind.server();
    let (person, employment) = employed(&server, "Loyee");
    let tester = Reader::default();
    let filter = "not CompanyEmployees/any(e:e/IsActive eq true) and contains(PartyName,'Loyee')";
    let address = format!("{PERSONS}?$filter={filter}&$select=Id");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    assert!(mirror.rows.is_empty());
    server.delete(&employment).expect(204);
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&person)]);
    assert_eq!(mirror.rows, tester.rows(&server, &address));
    // And out again, by one that comes: the person does not change for it.
    let company = json!({"CompanyName": {"EN": "D"}, "RegistrationNumber": "d"});
    let company = server.create(COMPANIES, &company);
    let employment = json!({"Person": link(&person), "Company": link(&company)});
    let employment = server.create(EMPLOYEES, &employment);
    assert_eq!(removed(&mirror.catch_up(&server)), [key(&person)]);
    // From one person to another.
    let other = server.create(PERSONS, &json!({"FirstName": {"EN": "Loyee B"}}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&other)]);
    server.change(&employment, &json!({"Person": link(&other)}));
    let delta = mirror.catch_up(&server);
    assert_eq!(shown(&delta), [key(&person)]);
    assert_eq!(removed(&delta), [key(&other)]);
}

fn a_child_that_moves_is_told_on_both_sides(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let group = server.group("G");
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create(MEMBERS, &member);
    let tester = Reader::default();
    let (both, all) = (2, format!("Groups/all(g:g/Group/Id ne {})", key(&group)));
    for (filter, rows, gone) in [
        ("Login ne '~tester'", both, 0),
        ("not Groups/any() and Login ne '~tester'", 1, 1),
        ("Groups/any()", 1, 1),
        (&format!("{all} and Login ne '~tester'"), 1, 1),
    ] {
        let address = format!("{USERS}?$filter={filter}");
        let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
        assert_eq!(mirror.rows.len(), rows, "{filter}");
        for to in [&bob, &ann] {
            server.change(&member, &json!({"User": link(to)}));
            let delta = mirror.catch_up(&server);
            let told = (shown(&delta).len(), removed(&delta).len());
            assert_eq!(told, (both - gone, gone), "{filter}: {delta}");
            assert_eq!(mirror.rows, tester.rows(&server, &address), "{filter}");
        }
    }
}

fn what_moves_while_pages_are_read_is_told(kind: Kind) {
    let server = kind.server();
    let users: Vec<String> = (0..4).map(|n| server.user(&format!("u{n}"))).collect();
    let group = server.group("G");
    let member = json!({"User": link(&users[3]), "Group": link(&group)});
    let member = server.create(MEMBERS, &member);
    let tester = Reader::default();
    let address = format!("{USERS}?$filter=not Groups/any() and Login ne '~tester'");
    let mut pages = 0;
    // It comes in while the walk lasts, and goes out again before the delta link is followed.
    let mut mirror = Mirror::walk(
        &server,
        &tester,
        &format!("{address}&$orderby=Login"),
        1,
        || {
            if pages == 0 {
                server.change(&member, &json!({"User": link(&users[0])}));
            }
            pages += 1;
        },
    );
    assert!(!mirror.rows.contains_key(key(&users[3])));
    server.change(&member, &json!({"User": link(&users[3])}));
    mirror.catch_up(&server);
    assert_eq!(mirror.rows, tester.rows(&server, &address));
}

fn texts_made_of_others_are_followed(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create(MEMBERS, &member);
    let tester = Reader::default();
    let select = "$select=DisplayText";
    let address = format!("{MEMBERS}?{select}");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    server.change(&ann, &json!({"Notes": "nothing of it"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&ann, &json!({"Name": {"EN": "Other"}}));
    let delta = mirror.catch_up(&server);
    assert_eq!(shown(&delta), [key(&member)]);
    assert_eq!(delta["value"][0]["DisplayText"], "Other");
    // Who does not ask for the text is not told of it.
    let address = format!("{MEMBERS}?$select=Id");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    server.change(&ann, &json!({"Name": {"EN": "Third"}}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
}

fn references_that_are_hidden_are_followed(kind: Kind) {
    let server = kind.server();
    let person = server.create(PERSONS, &json!({"FirstName": {"EN": "Ann"}}));
    let ann = server.user("ann");
    server.change(&ann, &json!({"Person": link(&person)}));
    let rights = [(USERS, None), (PERSONS, Some("contains(PartyName,'Ann')"))];
    let reader = Reader::new(&server, "reader", &rights);
    let address = format!("{USERS}?$select=Login,Person");
    let mut mirror = Mirror::walk(&server, &reader, &address, 100, || {});
    assert_ne!(mirror.rows[key(&ann)]["Person"], Value::Null);
    // What of the person is not shown here is not told.
    server.change(&person, &json!({"Notes": "n"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&person, &json!({"FirstName": {"EN": "Eve"}}));
    let delta = mirror.catch_up(&server);
    assert_eq!(shown(&delta), [key(&ann)]);
    assert_eq!(mirror.rows, reader.rows(&server, &address));
    // Nor what becomes of a hidden one.
    server.change(&person, &json!({"FirstName": {"EN": "Zoe"}}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&person, &json!({"FirstName": {"EN": "Ann"}}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&ann)]);
    assert_eq!(mirror.rows, reader.rows(&server, &address));
}

fn the_time_at_which_users_began_is_followed(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create(MEMBERS, &member);
    let began = server.stored(&ann, "CreationTimeUtc");
    let began = began.as_str().unwrap();
    let tester = Reader::default();
    // To the millisecond: as the database has it, and as the log has it.
    let users = format!(
        "{USERS}?$filter=CreationTimeUtc ge {began} and CreationTimeUtc le {began}&$select=Login"
    );
    let members = format!(
        "{MEMBERS}?$filter=User/CreationTimeUtc ge {began} and User/CreationTimeUtc le {began}"
    );
    let mut users = Mirror::walk(&server, &tester, &users, 100, || {});
    let mut members = Mirror::walk(&server, &tester, &members, 100, || {});
    assert!(users.rows.contains_key(key(&ann)) && members.rows.contains_key(key(&member)));
    server.change(&ann, &json!({"Notes": "n"}));
    assert_eq!(shown(&users.catch_up(&server)), [key(&ann)]);
    server.delete(&ann).expect(204);
    assert_eq!(removed(&users.catch_up(&server)), [key(&ann)]);
    assert_eq!(removed(&members.catch_up(&server)), [key(&member)]);
    // One that begins later does not come in.
    server.user("bea");
    assert_eq!(users.catch_up(&server)["value"], json!([]));
}

/// Whether a delta link is promised and given.
fn is_promised(reader: &Reader, server: &Server, address: &str) -> bool {
    let answer = reader.begin(server, address, 100);
    let applied = answer.header("preference-applied").unwrap_or_default();
    let is_given = answer.json().get("@deltaLink").map(target).is_some();
    assert_eq!(
        applied.contains("track-changes"),
        is_given,
        "{address} {answer}"
    );
    is_given
}

fn what_rests_on_the_time_is_not_promised(kind: Kind) {
    let server = kind.server();
    let tester = Reader::default();
    for (filter, is) in [
        ("PassportIssuingDate lt 2026-01-01T00:00:00Z", true),
        ("PassportIssuingDate lt now()", false),
        ("PassportIssuingDate lt @t&@t=now()", false),
        ("year(PassportIssuingDate) eq year(now())", false),
        ("contains(PartyName,'now()')", true),
    ] {
        let address = format!("{PERSONS}?$filter={filter}");
        assert_eq!(is_promised(&tester, &server, &address), is, "{filter}");
    }
    let timely = Some("PassportIssuingDate lt now()");
    let rights = [(USERS, None), (GROUPS, None), (PERSONS, timely)];
    let reader = Reader::new(&server, "reader", &rights);
    for (address, is) in [
        (PERSONS.to_owned(), false),
        // The reference is null while the person is hidden.
        (format!("{USERS}?$select=Person"), false),
        (format!("{USERS}?$select=Login"), true),
        (GROUPS.to_owned(), true),
    ] {
        assert_eq!(is_promised(&reader, &server, &address), is, "{address}");
    }
}

fn values_beside_the_history_are_not_promised(kind: Kind) {
    let mut more = settings();
    more.writes.track.insert(TOKENS.replace('_', "."), 4);
    let server = kind.server_with(more);
    let tester = Reader::default();
    for (address, is) in [
        (USERS.to_owned(), true),
        (format!("{USERS}?$select=*"), true),
        (format!("{USERS}?$select=Login,ObjectVersion"), true),
        (format!("{USERS}?$select=Login,CreationTimeUtc"), true),
        (
            format!("{USERS}?$filter=CreationTimeUtc ge 2020-01-01T00:00:00Z"),
            true,
        ),
        (
            format!("{MEMBERS}?$filter=User/CreationTimeUtc ge 2020-01-01T00:00:00Z"),
            true,
        ),
        // Too little of them is kept.
        (
            "Systems_Core_Notifications?$filter=CreationTimeUtc ge 2020-01-01T00:00:00Z".to_owned(),
            false,
        ),
        (
            format!("{PERSONS}?$filter=AggregateLastUpdateTimeUtc ge 2020-01-01T00:00:00Z"),
            false,
        ),
        (format!("{USERS}?$select=Login,AccessFailedCount"), false),
        (format!("{USERS}?$select=LockoutEndUtc"), false),
        (MEMBERS.to_owned(), true),
        (TOKENS.to_owned(), true),
        (format!("{TOKENS}?$select=Id,LastUsedTimestamp"), false),
        (
            format!("{TOKENS}?$orderby=Id&$filter=LastUsedTimestamp ge 2020-01-01T00:00:00Z"),
            false,
        ),
        // The version of the user.
        (format!("{MEMBERS}?$select=ObjectVersion"), false),
    ] {
        assert_eq!(is_promised(&tester, &server, &address), is, "{address}");
    }
}

//! What delta links answer.

use serde_json::json;

use crate::kit::{GROUPS, MEMBERS, Mirror, Reader, id, removed, shown};
use crate::support::server::{Kind, USERS, key, link, settings};

crate::on_both!(
    changes_are_told_once,
    rows_leave_and_enter_a_filter,
    filters_through_references_are_followed,
    children_of_one_object_are_followed,
    what_belongs_to_an_aggregate_raises_its_root,
    what_belongs_to_an_aggregate_needs_no_values,
    links_of_4_0_have_their_own_form,
    nulls_are_told,
    what_is_gone_is_always_told,
    both_databases_tell_the_same,
);

fn changes_are_told_once(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let tester = Reader::default();
    let address = format!("{USERS}?$select=Login,Active&$filter=Login ne '~tester'");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    assert_eq!(mirror.rows.len(), 2);
    // Nothing has happened.
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&ann, &json!({"Active": false}));
    server.change(&ann, &json!({"Login": "anne"}));
    let eve = server.user("eve");
    server.delete(&bob).expect(204);
    let was = mirror.link.clone();
    let delta = mirror.catch_up(&server);
    let mut expected = vec![key(&ann), key(&eve)];
    expected.sort_unstable();
    assert_eq!(shown(&delta), expected);
    assert_eq!(removed(&delta), [key(&bob)]);
    let context = delta["@context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Systems_Security_Users(Login,Active)/$delta"),
        "{context}"
    );
    let entries = delta["value"].as_array().unwrap();
    let entry = entries.iter().find(|row| id(row) == key(&bob)).unwrap();
    assert_eq!(entry["@removed"], json!({"reason": "deleted"}));
    let entry = entries.iter().find(|row| id(row) == key(&ann)).unwrap();
    assert_eq!(
        (&entry["Login"], &entry["Active"]),
        (&json!("anne"), &json!(false))
    );
    assert!(entry.get("Name").is_none());
    // Once, and again for whoever asks again.
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    let again = tester.target(&server, &was).expect(200).json();
    assert_eq!(again["value"], delta["value"]);
    // What came and went in between was never there.
    let fay = server.user("fay");
    server.change(&fay, &json!({"Active": false}));
    server.delete(&fay).expect(204);
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
}

fn rows_leave_and_enter_a_filter(kind: Kind) {
    let server = kind.server();
    let users: Vec<String> = (0..4).map(|n| server.user(&format!("u{n}"))).collect();
    let tester = Reader::default();
    let address = format!("{USERS}?$filter=Active eq true and Login ne '~tester'");
    let mut mirror = Mirror::walk(&server, &tester, &address, 2, || {});
    assert_eq!(mirror.rows.len(), 4);
    server.change(&users[0], &json!({"Active": false}));
    server.change(&users[1], &json!({"Active": false}));
    server.change(&users[1], &json!({"Active": true, "Notes": "back"}));
    let delta = mirror.catch_up(&server);
    assert_eq!(removed(&delta), [key(&users[0])]);
    assert_eq!(shown(&delta), [key(&users[1])]);
    let entries = delta["value"].as_array().unwrap();
    let left = entries.iter().find(|row| id(row) == key(&users[0]));
    assert_eq!(left.unwrap()["@removed"], json!({"reason": "changed"}));
    // One that is out and changes is not told of.
    server.change(&users[0], &json!({"Notes": "out"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&users[0], &json!({"Active": true}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&users[0])]);
    // Out and deleted at once.
    server.change(&users[2], &json!({"Active": false}));
    server.delete(&users[2]).expect(204);
    assert_eq!(removed(&mirror.catch_up(&server)), [key(&users[2])]);
    assert_eq!(mirror.rows, tester.rows(&server, &address));
}

fn filters_through_references_are_followed(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let group = server.group("G");
    for user in [&ann, &bob] {
        let member = json!({"User": link(user), "Group": link(&group)});
        server.create(MEMBERS, &member);
    }
    let tester = Reader::default();
    let address = format!("{MEMBERS}?$filter=User/Login eq 'ann'");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    assert_eq!(mirror.rows.len(), 1);
    // The user changes, the membership does not.
    server.change(&ann, &json!({"Notes": "nothing of it"}));
    assert_eq!(mirror.catch_up(&server)["value"], json!([]));
    server.change(&ann, &json!({"Login": "anne"}));
    server.change(&bob, &json!({"Login": "ann"}));
    let delta = mirror.catch_up(&server);
    assert_eq!((shown(&delta).len(), removed(&delta).len()), (1, 1));
    assert_eq!(mirror.rows, tester.rows(&server, &address));
    server.delete(&bob).expect(204);
    assert_eq!(removed(&mirror.catch_up(&server)).len(), 1);
    assert!(mirror.rows.is_empty());
}

fn children_of_one_object_are_followed(kind: Kind) {
    let server = kind.server();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let groups: Vec<String> = (0..3).map(|_| server.group("G")).collect();
    let join = |user: &str, group: &str| {
        server.create(MEMBERS, &json!({"User": link(user), "Group": link(group)}))
    };
    let first = join(&ann, &groups[0]);
    let tester = Reader::default();
    let address = format!("{ann}/Groups");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    assert_eq!(mirror.rows.len(), 1);
    join(&bob, &groups[0]);
    let second = join(&ann, &groups[1]);
    server.delete(&first).expect(204);
    let delta = mirror.catch_up(&server);
    assert_eq!(shown(&delta), [key(&second)]);
    assert_eq!(removed(&delta), [key(&first)]);
    server.delete(&ann).expect(204);
    assert_eq!(removed(&mirror.catch_up(&server)), [key(&second)]);
}

fn what_belongs_to_an_aggregate_raises_its_root(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let tester = Reader::default();
    let address = format!("{USERS}?$filter=Login ne '~tester'");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    server.create(MEMBERS, &json!({"User": link(&ann), "Group": link(&group)}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&ann)]);
    // With its new version, then.
    assert_eq!(mirror.rows, tester.rows(&server, &address));
}

fn what_belongs_to_an_aggregate_needs_no_values(kind: Kind) {
    let logins = "Systems_Security_UserProviderLogins";
    let mut less = settings();
    less.writes.track.insert(logins.replace('_', "."), 2);
    let server = kind.server_with(less);
    let ann = server.user("ann");
    let login = json!({"User": link(&ann), "ProviderName": "GOOGLE", "ProviderKey": "k"});
    let login = server.create(logins, &login);
    let tester = Reader::default();
    let address = format!("{USERS}?$filter=Login ne '~tester'");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    server.change(&login, &json!({"ProviderKey": "l"}));
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&ann)]);
    server.delete(&login).expect(204);
    assert_eq!(shown(&mirror.catch_up(&server)), [key(&ann)]);
    assert_eq!(mirror.rows, tester.rows(&server, &address));
}

fn nulls_are_told(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Notes": "n"}));
    let tester = Reader::default();
    for options in ["", "&options=skipnulls"] {
        let address = format!("{USERS}?$select=Login,Notes&$filter=Login eq 'ann'{options}");
        server.change(&ann, &json!({"Notes": "n"}));
        let mirror = Mirror::walk(&server, &tester, &address, 100, || {});
        server.change(&ann, &json!({"Notes": null}));
        let delta = tester.target(&server, &mirror.link);
        let delta = delta.prefer("omit-values=nulls").expect(200);
        assert_eq!(delta.json()["value"][0].get("Notes"), Some(&json!(null)));
        assert_eq!(delta.header("preference-applied"), None, "{delta}");
    }
}

fn what_is_gone_is_always_told(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let tester = Reader::default();
    let address = format!("{USERS}?$select=Login&$filter=Login eq 'ann'");
    let level = |level: &str| format!("application/json;odata.metadata={level}");
    // No link without control information, and no answer to one.
    let none = tester
        .ask(&server, &address)
        .header("Accept", &level("none"));
    let none = none.prefer("odata.track-changes").expect(200);
    assert_eq!(none.header("preference-applied"), None);
    let mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    server.delete(&ann).expect(204);
    let delta = |level: &str| {
        let asked = tester.target(&server, &mirror.link);
        asked.header("Accept", level)
    };
    delta(&level("none")).refused(406, "NotAcceptable", "Accept");
    let full = delta(&level("full")).expect(200).json();
    let context = full["value"][0]["@context"].as_str().unwrap_or_default();
    assert!(
        context.ends_with("#Systems_Security_Users/$deletedEntity"),
        "{full}"
    );
    let minimal = delta(&level("minimal")).expect(200).json();
    assert_eq!(minimal["value"][0].get("@context"), None);
}

fn links_of_4_0_have_their_own_form(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let first = server
        .ask("GET", &format!("{USERS}?$select=Login"))
        .prefer("track-changes")
        .expect(200);
    let link = first.json()["@odata.deltaLink"].clone();
    server.delete(&ann).expect(204);
    let target = crate::kit::target(&link);
    let delta = crate::support::http::Request::new(server.address, "GET", &target);
    let delta = delta.expect(200).json();
    let entry = &delta["value"][0];
    assert_eq!(entry["id"], json!(ann));
    assert_eq!(entry["reason"], json!("deleted"));
    let context = entry["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Systems_Security_Users/$deletedEntity"),
        "{context}"
    );
    assert!(delta["@odata.deltaLink"].is_string(), "{delta}");
}

fn both_databases_tell_the_same(kind: Kind) {
    // The other database runs the same test against the same text.
    let server = kind.server();
    let group = |number: u8, name: &str| {
        let id = format!("00000000-0000-4000-8000-0000000000{number:02}");
        server.create(GROUPS, &json!({"Id": id, "Name": {"EN": name}}))
    };
    let one = group(1, "One");
    let two = group(2, "Two");
    let tester = Reader::default();
    let address = format!("{GROUPS}?$select=Id,Name&$filter=contains(Name,'o')");
    let mut mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    group(3, "Foo");
    server.change(&one, &json!({"Name": {"EN": "Eins"}}));
    server.change(&two, &json!({"Name": {"BG": "Две"}}));
    let delta = mirror.catch_up(&server);
    let id = |number: u8| format!("00000000-0000-4000-8000-0000000000{number:02}");
    assert_eq!(shown(&delta), [id(2), id(3)]);
    assert_eq!(removed(&delta), [id(1)]);
    assert_eq!(mirror.rows, tester.rows(&server, &address));
}

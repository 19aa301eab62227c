//! An import may do what its caller may do.

use serde_json::{Value, json};
use userdex::access::Policy;
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::kit::{object, states};
use crate::support::http::Request;
use crate::support::server::{
    Kind, Server, USERS, key, link, merged, settings, user, virtual_user, without,
};

crate::on_both!(
    passwords_are_not_looked_at_before_rights,
    all_objects_are_read_before_any_is_written,
    it_has_the_rights_of_its_caller,
    ready_hashes_need_an_administrator_with_sec,
    it_needs_a_sign_in_that_changes,
);

const HASH: &str =
    "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==";

pub(crate) fn session(server: &Server, address: &str, scopes: Scopes) -> String {
    let id = key(address).parse().unwrap();
    let now = Timestamp::now();
    let opened = server
        .service
        .open_session(id, Way::Session, None, scopes, now);
    format!("ErpSession {}", opened.unwrap().id)
}

fn import(server: &Server, header: &str, objects: &[Value]) -> Request {
    let request = server.post("Import", &json!({ "objects": objects }));
    request.anonymous().header("Authorization", header)
}

/// Gives a user what a permission opens.
pub(crate) fn grant(server: &Server, user: &str, permission: Value) {
    let role = server.create("Systems_Security_Roles", &json!({"Name": "keeper"}));
    server.create(
        "Systems_Security_RoleUsers",
        &json!({"User": link(user), "Role": link(&role)}),
    );
    let of = json!({"Role": link(&role)});
    server.create("Ext_EntityPermissions", &merged(permission, of));
}

/// Settings that refuse weak passwords: whether one was looked at shows, since hashing comes after.
fn strict(kind: Kind) -> Server {
    let mut settings = settings();
    settings.writes.policy = Policy::default();
    kind.server_with(settings)
}

fn passwords_are_not_looked_at_before_rights(kind: Kind) {
    let server = strict(kind);
    let strong = json!({"@ext.initialPassword": "Correct-h0rse"});
    let ann = server.create(USERS, &merged(user("ann"), strong));
    let bob = server.create(USERS, &virtual_user("bob"));
    grant(&server, &ann, json!({"EntitySet": USERS, "CanRead": true}));
    let header = session(&server, &ann, Scopes::ALL);
    let weak = json!({"@ext.initialPassword": "weak"});
    let call = json!({"password": "weak"});
    for request in [
        server.post(USERS, &merged(virtual_user("new"), weak.clone())),
        server.patch(&bob, &weak),
        server.put(&bob, &merged(virtual_user("bob"), weak.clone())),
        server.post(&format!("{bob}/Ext.SetPassword"), &call),
        server.patch(&ann, &weak),
        server.patch("Ext.Me", &weak),
        server.post("Ext.Me/Ext.SetPassword", &call),
    ] {
        let request = request.anonymous().header("Authorization", &header);
        let answer = request.expect(403);
        assert_eq!(answer.json()["error"]["code"], "Forbidden", "{answer}");
    }
    let objects: Vec<_> = ["create", "merge"]
        .iter()
        .map(|action| merged(object(action, "new"), weak.clone()))
        .collect();
    let answer = import(&server, &header, &objects).expect(200).json();
    assert_eq!(states(&answer), ["Forbidden"; 2], "{answer}");
    // Who may create users hears what is wrong with the password.
    let own = server.post(USERS, &merged(virtual_user("new"), weak));
    own.refused(422, "PasswordPolicy", "@ext.initialPassword");
}

fn all_objects_are_read_before_any_is_written(kind: Kind) {
    let server = strict(kind);
    server.create(USERS, &virtual_user("ann"));
    let many = (0..400).map(|n| object("create", &format!("u{n}")));
    let mut objects: Vec<Value> = many.collect();
    // The first would be refused when it is written.
    objects[0] = object("create", "ann");
    let weak = json!({"@ext.initialPassword": "weak"});
    objects.push(merged(object("create", "bob"), weak));
    let body = json!({"transaction": "all-objects", "objects": objects});
    let answer = server.post("Import", &body).expect(200).json();
    let states = states(&answer);
    assert_eq!(states[400], "PasswordPolicy", "{}", answer["objects"][400]);
    assert!(states[..400].iter().all(|s| s == "FailedDependency"));
    assert_eq!(server.count(USERS), 1);
}

fn it_has_the_rights_of_its_caller(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let rights =
        json!({"EntitySet": "General_Contacts_Persons", "CanRead": true, "CanCreate": true});
    grant(&server, &ann, rights);
    let header = session(&server, &ann, Scopes::ALL);
    let person = |number: &str| {
        json!({"@odata.type": "Erp.General_Contacts_Person", "NationalNumber": number,
               "LastName": {"EN": "Fox"}})
    };
    let objects = [person("1"), object("create", "bob"), person("2")];
    let answer = import(&server, &header, &objects).expect(200).json();
    let found = states(&answer);
    assert_eq!(
        (found[0].as_str(), found[2].as_str()),
        ("Added", "Added"),
        "{answer}"
    );
    assert!(
        ["Forbidden", "UnknownEntitySet"].contains(&found[1].as_str()),
        "{answer}"
    );
    assert_eq!(server.count("General_Contacts_Persons"), 2);
    let nobody = server.post("Import", &json!({"objects": []})).anonymous();
    assert_eq!(nobody.send().status, 401);
}

fn ready_hashes_need_an_administrator_with_sec(kind: Kind) {
    let server = kind.server();
    let hash = json!({"@ext.passwordHash": {"hash": HASH, "format": "AspNetCoreV3"}});
    let hashed = |login: &str| merged(without(object("create", login), "UserType"), hash.clone());
    let admin = merged(user("root"), json!({"IsAdmin": true}));
    let admin = server.create(USERS, &admin);
    let no_sec = Scopes {
        sec: false,
        ..Scopes::ALL
    };
    let header = session(&server, &admin, no_sec);
    let answer = import(&server, &header, &[object("create", "a"), hashed("b")]);
    let answer = answer.expect(200).json();
    assert_eq!(states(&answer), ["Added", "Forbidden"], "{answer}");
    let message = answer["objects"][1]["@erpnet.message"].as_str().unwrap();
    assert!(
        message.starts_with("`objects/1/@ext.passwordHash`: "),
        "{message}"
    );
    assert!(!answer.to_string().contains("AQAAAA"), "{answer}");
    // The same holds for a request of its own.
    let plain = without(without(hashed("c"), "@odata.type"), "@erpnet.action");
    let own = server
        .post(USERS, &plain)
        .anonymous()
        .header("Authorization", header.as_str());
    own.refused(403, "Forbidden", "@ext.passwordHash");
    let header = session(&server, &admin, Scopes::ALL);
    let answer = import(&server, &header, &[hashed("b")]).expect(200).json();
    assert_eq!(states(&answer), ["Added"], "{answer}");
}

fn it_needs_a_sign_in_that_changes(kind: Kind) {
    let server = kind.server();
    let admin = server.create(USERS, &merged(user("root"), json!({"IsAdmin": true})));
    let reads = Scopes {
        update: false,
        ..Scopes::ALL
    };
    let header = session(&server, &admin, reads);
    import(&server, &header, &[]).refused(403, "Forbidden", "");
}

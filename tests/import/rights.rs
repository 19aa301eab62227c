//! An import may do what its caller may do.

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::kit::{object, states};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, link, merged, user, without};

crate::on_both!(
    it_has_the_rights_of_its_caller,
    ready_hashes_need_an_administrator_with_sec,
    it_needs_a_sign_in_that_changes,
);

const HASH: &str =
    "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==";

fn session(server: &Server, address: &str, scopes: Scopes) -> String {
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

fn it_has_the_rights_of_its_caller(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let role = server.create("Systems_Security_Roles", &json!({"Name": "keeper"}));
    server.create(
        "Systems_Security_RoleUsers",
        &json!({"User": link(&ann), "Role": link(&role)}),
    );
    let rights = json!({"EntitySet": "General_Contacts_Persons", "Role": link(&role),
        "CanRead": true, "CanCreate": true});
    server.create("Ext_EntityPermissions", &rights);
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

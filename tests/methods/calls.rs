//! Names and places of methods that are called on objects.

use serde_json::json;

use crate::kit::{Person, notification, notify};
use crate::support::server::{Kind, USERS, user};

crate::on_both!(
    methods_are_of_every_entity,
    what_is_not_seen_has_no_methods,
    methods_stand_at_the_end,
);

fn methods_are_of_every_entity(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    let role = server.create("Systems_Security_Roles", &json!({"Name": "R"}));
    for object in [&ann, &group, &role] {
        server
            .ask(
                "GET",
                &format!("{object}/GetAllowedCustomPropertyValues(customPropertyCode='x')"),
            )
            .refused(404, "NotFound", "customPropertyCode");
        let told = server
            .post(&notify(object), &notification(&ann, "hello"))
            .expect(204);
        assert!(told.body.is_empty());
    }
    let as_segment = ann.replace('(', "/").replace(')', "");
    for name in [
        "CreateNotification",
        "Erp.CreateNotification",
        "CreateNotification()",
    ] {
        for object in [&ann, &as_segment] {
            let address = format!("{object}/{name}");
            server
                .post(&address, &notification(&ann, "hello"))
                .expect(204);
        }
    }
    let own = notification(&ann, "hello");
    server.post("Ext.Me/CreateNotification", &own).expect(204);
    server
        .post(&format!("{ann}/Ext.CreateNotification"), &own)
        .expect(501);
    server
        .post(&format!("{ann}/Erp.CreateCopy"), &json!({}))
        .expect(200);
    // What is only read is not copied.
    let changes = server.get("Systems_Core_ObjectChangesets?$top=1&$select=Id");
    let change = changes["value"][0]["Id"].as_str().unwrap();
    let change = format!("Systems_Core_ObjectChangesets({change})");
    server
        .post(&format!("{change}/CreateCopy"), &json!({}))
        .refused(404, "NotFound", "");
    server
        .post(&format!("{change}/CreateNotification"), &own)
        .expect(204);
    server
        .post("CreateNotification", &own)
        .refused(404, "NotFound", "");
    server
        .post(&format!("{USERS}/CreateNotification"), &own)
        .refused(404, "NotFound", "");
    server
        .post(&format!("{ann}/CreateNotification(subject='a')"), &own)
        .expect(400);
}

fn what_is_not_seen_has_no_methods(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (
        Person::new(&server, "ann"),
        server.create(USERS, &user("ben")),
    );
    ann.may(&server, USERS, &json!({"RecordFilter": "Login eq 'ann'"}));
    let missing = format!("{USERS}(00000000-0000-0000-0000-000000000007)");
    for object in [&ben, &missing] {
        let values = format!("{object}/GetAllowedCustomPropertyValues(customPropertyCode='x')");
        ann.asks(server.ask("GET", &values))
            .refused(404, "NotFound", "");
        let body = notification(&ann.address, "hello");
        ann.asks(server.post(&notify(object), &body))
            .refused(404, "NotFound", "");
    }
    // A set of which nothing is visible is closed as for any other request.
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    let body = notification(&ann.address, "hello");
    ann.asks(server.post(&notify(&group), &body)).refused(
        403,
        "Forbidden",
        "Systems_Security_Groups",
    );
    let values = format!(
        "{}/GetAllowedCustomPropertyValues(customPropertyCode='x')",
        ann.address
    );
    ann.asks(server.ask("GET", &values))
        .refused(404, "NotFound", "customPropertyCode");
}

fn methods_stand_at_the_end(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let values = "GetAllowedCustomPropertyValues(customPropertyCode='x')";
    for address in [
        format!("{ann}/{values}/Value"),
        format!("{ann}/Groups/{values}"),
        format!("{ann}/Login/{values}"),
        format!("{USERS}/{values}"),
        values.to_owned(),
        format!("{ann}/GetVersion()"),
        format!("{ann}/CreateNotification/x"),
    ] {
        server.ask("GET", &address).refused(404, "NotFound", "");
    }
    // There is no person, so that nothing of theirs can be called.
    server
        .ask("GET", &format!("{ann}/Person/{values}"))
        .refused(404, "NotFound", "");
}

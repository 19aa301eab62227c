//! `Ext.GetDataObject`: what a notification is about, for its user and nobody else.

use serde_json::{Value, json};
use userdex::access::Scopes;

use crate::kit::{NOTIFICATIONS, Person, notification, notify, with_subject};
use crate::support::server::{Kind, Server, USERS, key, link};

crate::on_both!(
    its_user_learns_what_it_is_about,
    nothing_else_is_opened,
    what_is_gone_is_told_as_nothing,
    a_closed_column_closes_it,
);

const GROUPS: &str = "Systems_Security_Groups";
const OBJECTS: &str = "Systems_Core_ExtensibleDataObjects";

/// Tells somebody of an object; where to ask what the notification is about.
fn told(server: &Server, to: &Person, about: &str, subject: &str) -> String {
    let body = notification(&to.address, subject);
    server.post(&notify(about), &body).expect(204);
    let rows = with_subject(server, subject);
    let id = rows[0]["Id"].as_str().unwrap();
    format!("{NOTIFICATIONS}({id})/Ext.GetDataObject")
}

fn answer(server: &Server, person: &Person, call: &str) -> Value {
    let mut answer = person.asks(server.ask("GET", call)).expect(200).json();
    let context = answer.as_object_mut().unwrap().remove("@odata.context");
    let context = context.unwrap();
    let context = context.as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Ext.GetDataObjectResult"),
        "{context}"
    );
    answer
}

fn group(server: &Server) -> String {
    server.create(GROUPS, &json!({"Name": {"EN": "G"}}))
}

fn its_user_learns_what_it_is_about(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let group = group(&server);
    let call = told(&server, &ann, &group, "of a group");
    let expected = json!({"repository": "Systems.Security.Groups", "set": GROUPS,
                          "id": key(&group)});
    assert_eq!(answer(&server, &ann, &call), expected);
    let unbound = call.replace("Ext.GetDataObject", "GetDataObject()");
    assert_eq!(answer(&server, &ann, &unbound), expected);
    // Of a part, the root is told.
    let member = json!({"User": link(&ann.address), "Group": link(&group)});
    let member = server.create("Systems_Security_UserGroups", &member);
    let call = told(&server, &ann, &member, "of a member");
    let about = answer(&server, &ann, &call);
    assert_eq!(
        (&about["set"], &about["id"]),
        (&json!(USERS), &json!(key(&ann.address)))
    );
    // Administrators read all notifications, and what they are about.
    assert_eq!(server.get(&call)["set"], USERS);
}

fn nothing_else_is_opened(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let group = group(&server);
    let call = told(&server, &ann, &group, "for ann");
    let line = format!("{OBJECTS}({})", key(&group));
    ben.asks(server.ask("GET", &call))
        .refused(404, "NotFound", "");
    // Neither the object, nor its line in the list of all, nor what could be asked through it.
    for address in [
        group.clone(),
        line.clone(),
        format!("{line}/LatestVersion"),
        OBJECTS.to_owned(),
        format!("{OBJECTS}?$filter=EntityItemId eq {}", key(&group)),
    ] {
        let refused = ann.asks(server.ask("GET", &address)).expect(403);
        assert!(
            !refused.text().contains("Systems.Security.Groups"),
            "{refused}"
        );
    }
    let row = call.replace("/Ext.GetDataObject", "");
    let read = ann.asks(server.ask("GET", &row)).expect(200).json();
    assert_eq!(read["DataObject"], Value::Null);
    let by_it = format!(
        "{NOTIFICATIONS}/$count?$filter=DataObject/Id eq {}",
        key(&group)
    );
    let counted = ann.asks(server.ask("GET", &by_it)).send();
    assert!(counted.status != 200 || counted.text() == "0", "{counted}");
    // Functions need the scope `read`.
    let blind = Person::of(&server, ann.address.clone(), Scopes::NONE);
    blind
        .asks(server.ask("GET", &call))
        .refused(403, "Forbidden", NOTIFICATIONS);
    server
        .ask("GET", &call)
        .anonymous()
        .refused(401, "SignInRequired", "");
}

fn what_is_gone_is_told_as_nothing(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let nothing = json!({"repository": null, "set": null, "id": null});
    let group = group(&server);
    let call = told(&server, &ann, &group, "of a group");
    server.delete(&group).expect(204);
    assert_eq!(answer(&server, &ann, &call), nothing);
    let body = json!({"Subject": "of nothing", "NotificationClass": "NT_SOC_NEW_POST",
                      "User": link(&ann.address)});
    let row = server.create(NOTIFICATIONS, &body);
    let call = format!("{row}/Ext.GetDataObject");
    assert_eq!(answer(&server, &ann, &call), nothing);
}

fn a_closed_column_closes_it(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let call = told(&server, &ann, &group(&server), "of a group");
    let access = json!({"Name": {"EN": "K"}, "EntityName": "Cmm_Notifications"});
    let access = server.create("Systems_Security_AccessKeys", &access);
    let closed = json!({"TableName": "Cmm_Notifications", "ColumnName": "Data_Object_Id",
                        "AccessKey": link(&access)});
    server.create("Systems_Security_ColumnPermissions", &closed);
    ann.asks(server.ask("GET", &call))
        .refused(403, "AttributeNotReadable", "DataObject");
}

//! A change is judged by what it names: nobody finds out by trying what they may not read.

use serde_json::{Value as Json, json};
use userdex::service::{ContentIds, Verb, WriteRequest};
use uuid::Uuid;

use crate::office::{Office, address, on_each_office};
use crate::support::world::change;

const PERSONS: &str = "General_Contacts_Persons";
const MEMBERS: &str = "Systems_Security_UserGroups";

/// Two answers to somebody, without the keys that they name.
fn same(answers: &[(u16, String)]) -> bool {
    answers.windows(2).all(|pair| pair[0] == pair[1])
}

/// The refused changes in the audit log.
fn refusals(office: &Office<'_>) -> usize {
    office.world.service.write_out_audit().unwrap();
    let log = "Systems_Monitoring_AuditLogEntries?$filter=EventName%20eq%20'ChangeRefused'";
    office.world.all(log).len()
}

/// A role of somebody that opens persons.
fn keep_persons(office: &Office<'_>, user: Uuid, more: &Json) {
    let role = office.create("Systems_Security_Roles", &json!({"Name": "Keeper"}));
    let role = format!("Systems_Security_Roles({role})");
    let mut permission = json!({
        "EntitySet": PERSONS, "CanRead": true, "CanUpdate": true, "CanDelete": true,
        "Role@odata.bind": role,
    });
    for (name, value) in more.as_object().unwrap() {
        permission[name] = value.clone();
    }
    office.create("Ext_EntityPermissions", &permission);
    office.create(
        "Systems_Security_RoleUsers",
        &json!({"User@odata.bind": address(user), "Role@odata.bind": role}),
    );
}

fn close(office: &Office<'_>, table: &str, column: &str) {
    let key = office.create(
        "Systems_Security_AccessKeys",
        &json!({"Name": {"EN": column}}),
    );
    office.create(
        "Systems_Security_ColumnPermissions",
        &json!({
            "TableName": table, "ColumnName": column,
            "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})"),
        }),
    );
}

#[test]
fn a_right_guess_is_refused_like_a_wrong_one() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let (victim, own) = (address(office.admin), "Ext.Me".to_owned());
        let notes = |login: &str| json!({ "Notes": format!("notes of {login}") });
        let cases: Vec<(Verb, &str, Json, Json)> = vec![
            (Verb::Patch, "", notes("boss"), notes("nobody")),
            (Verb::Put, "", notes("boss"), notes("nobody")),
            (
                Verb::Put,
                "/Notes",
                json!({"value": "notes of boss"}),
                json!({"value": "x"}),
            ),
            (
                Verb::Patch,
                "",
                json!({"TwoFactorEnabled": false}),
                json!({"TwoFactorEnabled": true}),
            ),
            (
                Verb::Patch,
                "",
                json!({"PhoneNumber": "+359 2 555"}),
                json!({"PhoneNumber": null}),
            ),
            (Verb::Patch, "", json!({"Groups": []}), json!({})),
        ];
        let (status, _) = office.write(&reader, Verb::Patch, &victim, &notes("boss"));
        assert_eq!(
            (status, refusals(office)),
            (403, 1),
            "a right guess is noted"
        );
        for (verb, rest, right, wrong) in cases {
            let before = office.world.dump();
            let answers = [right, wrong].map(|body| {
                let answer = office.write(&reader, verb, &format!("{victim}{rest}"), &body);
                assert_eq!(answer.0, 403, "{rest} {body}: {}", answer.1);
                answer
            });
            assert!(same(&answers), "{answers:?}");
            office.world.assert_unchanged(&before, rest);
        }
        for body in [
            json!({"Notes": "notes of reader"}),
            json!({"Notes": "x"}),
            json!({"Name": {"EN": "x"}, "TwoFactorEnabled": false}),
            json!({"Groups": [], "Active": true}),
        ] {
            let (status, text) = office.write(&reader, Verb::Patch, &own, &body);
            assert_eq!(status, 403, "{body}: {text}");
        }
        let mine = json!({"PhoneNumber": "+359 2 555", "Name": {"EN": "reader"}});
        let (status, text) = office.write(&reader, Verb::Patch, &own, &mine);
        assert_eq!(status, 204, "{text}");
        let (status, text) = office.write(&reader, Verb::Delete, &own, &json!(null));
        assert_eq!(status, 403, "{text}");
    });
}

#[test]
fn an_action_tells_nothing_of_its_object() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let without_mail = office.create(
            "Systems_Security_Users",
            &json!({"Login": "v", "Name": {"EN": "V"}, "UserType": "VirtualUserNoLogin"}),
        );
        for action in ["Ext.Unlock", "Ext.ConfirmEmail", "Ext.RevokeSessions"] {
            for user in [office.admin, without_mail] {
                let path = format!("{}/{action}", address(user));
                let (status, text) = office.write(&reader, Verb::Post, &path, &json!({}));
                assert_eq!(status, 403, "{path}: {text}");
            }
        }
        let path = format!("{}/Ext.Unlock", address(office.admin));
        let admin = office.caller(office.admin);
        let (status, text) = office.write(&admin, Verb::Post, &path, &json!({}));
        assert_eq!(status, 204, "{text}");
    });
}

#[test]
fn whoever_may_change_a_row_cannot_guess_its_closed_columns() {
    on_each_office(|office| {
        keep_persons(office, office.nobody, &json!({"CanCreate": true}));
        let person = json!({"FirstName": {"EN": "F"}, "NationalNumber": "4711"});
        let person = format!("{PERSONS}({})", office.create(PERSONS, &person));
        // Whole rows come back as they were read.
        let keeper = office.caller(office.nobody);
        let row = office.get(&keeper, &person).tree();
        let (status, text) = office.write(&keeper, Verb::Patch, &person, &row);
        assert!(status == 204 || status == 200, "{status} {text}");
        close(office, "Cm_Persons", "National_Number");
        let keeper = office.caller(office.nobody);
        let row = office.get(&keeper, &person).tree();
        assert_eq!(row.get("NationalNumber"), None);
        let (status, text) = office.write(&keeper, Verb::Patch, &person, &row);
        assert!(status == 204 || status == 200, "{status} {text}");
        for verb in [Verb::Patch, Verb::Put] {
            let answers = ["4711", "4712"].map(|number| {
                let body = json!({"FirstName": {"EN": "F"}, "NationalNumber": number});
                office.write(&keeper, verb, &person, &body)
            });
            assert!(same(&answers) && answers[0].0 == 403, "{answers:?}");
        }
        // A replacement gives every attribute, also by silence.
        let body = json!({"FirstName": {"EN": "F"}});
        let (status, text) = office.write(&keeper, Verb::Put, &person, &body);
        assert_eq!(status, 403, "{text}");
        // Named within another object, and in a new one.
        let body = json!({"FirstName": {"EN": "N"}, "NationalNumber": null});
        let (status, text) = office.write(&keeper, Verb::Post, PERSONS, &body);
        assert_eq!(status, 403, "{text}");
        let body = json!({"FirstName": {"EN": "N"}});
        let (status, text) = office.write(&keeper, Verb::Post, PERSONS, &body);
        assert_eq!(status, 201, "{text}");
    });
}

/// Rows outside the filter of the right to change are refused, also where nothing would change.
#[test]
fn a_row_out_of_reach_is_refused_whatever_is_given() {
    on_each_office(|office| {
        keep_persons(
            office,
            office.nobody,
            &json!({"RecordFilter": "contains(PartyName,'Mine')"}),
        );
        keep_persons(
            office,
            office.nobody,
            &json!({"CanUpdate": false, "CanDelete": false}),
        );
        let person = json!({"FirstName": {"EN": "Other"}, "Notes": "n"});
        let person = format!("{PERSONS}({})", office.create(PERSONS, &person));
        let keeper = office.caller(office.nobody);
        for body in [json!({"Notes": "n"}), json!({"Notes": "m"}), json!({})] {
            let (status, text) = office.write(&keeper, Verb::Patch, &person, &body);
            assert_eq!(status, 403, "{body}: {text}");
        }
    });
}

/// What is found is not changed, and needs no right; what is given with it is a change of it.
#[test]
fn objects_inside_are_judged_by_what_is_given() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let group = format!("Systems_Security_Groups({})", office.group);
        for user in [
            json!({"Id": office.admin.to_string(), "Notes": "notes of boss"}),
            json!({"Id": office.admin.to_string(), "Notes": "x"}),
            json!({"@erpnet.action": "update", "Id": office.admin.to_string()}),
        ] {
            let body = json!({"User": user, "Group@odata.bind": group});
            let (status, text) = office.write(&reader, Verb::Post, MEMBERS, &body);
            assert_eq!(status, 403, "{body}: {text}");
        }
        keep_persons(office, office.reader, &json!({}));
        let child = json!({"FirstName": {"EN": "C"}});
        let child = format!("{PERSONS}({})", office.create(PERSONS, &child));
        let company = office.create(
            "General_Contacts_Companies",
            &json!({"CompanyName": {"EN": "A"}, "RegistrationNumber": "1"}),
        );
        let role = office.create("Systems_Security_Roles", &json!({"Name": "Looks"}));
        let role = format!("Systems_Security_Roles({role})");
        for set in ["General_Contacts_Companies", "General_Contacts_Parties"] {
            office.create(
                "Ext_EntityPermissions",
                &json!({"EntitySet": set, "CanRead": true, "Role@odata.bind": role}),
            );
        }
        office.create(
            "Systems_Security_RoleUsers",
            &json!({"User@odata.bind": address(office.reader), "Role@odata.bind": role}),
        );
        let keeper = office.caller(office.reader);
        let found = json!({"ParentParty": {
            "@odata.type": "#Erp.General_Contacts_Company", "@erpnet.action": "find", "Id": company.to_string(),
        }});
        let (status, text) = office.write(&keeper, Verb::Patch, &child, &found);
        assert_eq!(status, 204, "{text}");
        let named = json!({"ParentParty": {
            "@odata.type": "#Erp.General_Contacts_Company", "Id": company.to_string(), "CompanyName": {"EN": "A"},
            "Notes": null,
        }});
        let (status, text) = office.write(&keeper, Verb::Patch, &child, &named);
        assert_eq!(status, 403, "{text}");
    });
}

#[test]
fn a_deletion_tells_what_may_be_seen() {
    on_each_office(|office| {
        let (reader, nobody) = (office.caller(office.reader), office.caller(office.nobody));
        office.create(
            "Systems_Core_Notifications",
            &json!({"User@odata.bind": address(office.nobody), "NotificationClass": "NT_SOC_REPLY",
                "Subject": "s", "Priority": "Normal"}),
        );
        let victim = address(office.nobody);
        let (status, text) = office.write(&reader, Verb::Delete, &victim, &json!(null));
        assert_eq!(status, 403, "{text}");
        let (status, text) = office.write(&nobody, Verb::Delete, "Ext.Me", &json!(null));
        assert_eq!(status, 403, "{text}");
        // Who may delete hears of what refers to it, by name where they may see that.
        for user in [office.reader, office.nobody] {
            keep_persons(office, user, &json!({}));
        }
        let (reader, nobody) = (office.caller(office.reader), office.caller(office.nobody));
        let person = |user: Uuid| {
            let person = office.create(PERSONS, &json!({"FirstName": {"EN": "P"}}));
            let path = format!("{PERSONS}({person})");
            let body = json!({ "Person@odata.bind": path });
            let (status, text) = office.write_as_system(Verb::Patch, &address(user), &body);
            assert_eq!(status, 204, "{text}");
            path
        };
        let (of_admin, of_hidden) = (person(office.admin), person(office.hidden));
        for (who, path, is_named) in [
            (&reader, &of_admin, true),
            (&reader, &of_hidden, false),
            (&nobody, &of_admin, false),
        ] {
            let (status, text) = office.write(who, Verb::Delete, path, &json!(null));
            assert_eq!(status, 409, "{text}");
            assert_eq!(text.contains("Systems_Security_Users"), is_named, "{text}");
            assert!(
                is_named || text.contains("something refers to it"),
                "{text}"
            );
        }
    });
}

/// An aggregate goes whole, also what its administrator may not see of it.
#[test]
fn hidden_parts_go_with_their_owner() {
    on_each_office(|office| {
        let admin = office.caller(office.admin);
        let hash = "0".repeat(64);
        office.create(
            "Systems_Security_UserProviderTokens",
            &json!({"User@odata.bind": address(office.nobody), "LoginProviderName": "p",
                "TokenName": "t", "TokenValue": hash}),
        );
        let victim = address(office.nobody);
        let (status, text) = office.write(&admin, Verb::Delete, &victim, &json!(null));
        assert_eq!(status, 204, "{text}");
        assert!(
            !office.world.dump().iter().any(|line| {
                line.starts_with("Sec_User_Provider_Tokens|") && line.contains(&hash)
            })
        );
    });
}

#[test]
fn who_may_create_nothing_hears_nothing_of_keys() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let rows = office.get(&reader, &format!("{MEMBERS}?$top=1")).rows();
        let hidden = office.world.all(&format!(
            "{MEMBERS}?$filter=User/Id%20eq%20{}",
            office.hidden
        ));
        let mut answers = Vec::new();
        for id in [
            &rows[0]["Id"],
            &hidden[0]["Id"],
            &json!(Uuid::from_u128(9).to_string()),
        ] {
            let body = json!({ "Id": id });
            answers.push(office.write(&reader, Verb::Post, MEMBERS, &body));
        }
        assert!(same(&answers) && answers[0].0 == 403, "{answers:?}");
    });
}

/// A transaction judges each request at once, as one of its own would be.
#[test]
fn a_transaction_tells_no_more() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let (_, id) = office.write(&reader, Verb::Post, "BeginTransaction", &json!({}));
        let inside = |verb, path: &str, body: &Json| {
            let request = WriteRequest {
                caller: reader.clone(),
                transaction: Some(id.clone()),
                ..change(verb, path, body.to_string())
            };
            let done = office
                .world
                .service
                .write(&[request], &mut ContentIds::default());
            done.err().map(|refusal| refusal.problem.code().word())
        };
        let victim = address(office.admin);
        let unlock = format!("{victim}/Ext.Unlock");
        let members = office.world.all(&format!("{MEMBERS}?$top=1"));
        for (verb, path, body) in [
            (Verb::Patch, &victim, json!({"Notes": "notes of boss"})),
            (Verb::Patch, &victim, json!({"Notes": "x"})),
            (Verb::Delete, &victim, json!(null)),
            (Verb::Post, &unlock, json!({})),
            (
                Verb::Post,
                &MEMBERS.to_owned(),
                json!({"Id": members[0]["Id"]}),
            ),
        ] {
            assert_eq!(
                inside(verb, path, &body),
                Some("Forbidden"),
                "{path} {body}"
            );
        }
    });
}

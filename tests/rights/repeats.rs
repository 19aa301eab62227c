//! What a caller was answered is repeated to that caller, while their rights are what they were.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use userdex::service::{Caller, ContentIds, Repeatability, Return, Verb, WriteRequest};
use userdex::value::Timestamp;

use crate::office::{Office, address, on_each_office};
use crate::support::world::change;

/// A repeatable change; the status and the body or the code.
fn send(office: &Office<'_>, caller: &Arc<Caller>, path: &str, body: &Json) -> (u16, String) {
    let mut request = WriteRequest {
        caller: caller.clone(),
        repeatability: Some(Repeatability {
            id: "one".to_owned(),
            first_sent: Timestamp::now(),
        }),
        ..change(Verb::Patch, path, body.to_string())
    };
    request.preferences.answer = Some(Return::Representation);
    let service = &office.world.service;
    match service.write(&[request], &mut ContentIds::default()) {
        Ok(answers) => (
            answers[0].status,
            String::from_utf8(answers[0].body.to_vec()).unwrap(),
        ),
        Err(refusal) => {
            let problem = refusal.problem;
            (problem.code().status(), problem.code().word().to_owned())
        }
    }
}

#[test]
fn an_answer_is_its_callers_own() {
    on_each_office(|office| {
        let (admin, reader) = (office.caller(office.admin), office.caller(office.reader));
        let victim = address(office.nobody);
        let body = json!({"PhoneNumber": "1"});
        let first = send(office, &admin, &victim, &body);
        assert_eq!(first.0, 200, "{}", first.1);
        assert!(first.1.contains("notes of nobody"), "{}", first.1);
        assert_eq!(send(office, &admin, &victim, &body), first);
        // The same request of others is theirs: refused, and made where they may.
        let (status, text) = send(office, &reader, &victim, &body);
        assert_eq!((status, text.as_str()), (403, "Forbidden"));
        for user in [office.reader, office.nobody] {
            let caller = office.caller(user);
            let (status, text) = send(office, &caller, "Ext.Me", &json!({"CompanyName": "C"}));
            assert_eq!(status, 200, "{text}");
            let own = office.world.get(&address(user));
            assert_eq!(own["CompanyName"], "C", "made, not only answered");
        }
        // The program itself has ids of its own as well.
        let system = Caller::system();
        let (status, _) = send(office, system, &victim, &json!({"PhoneNumber": "2"}));
        assert_eq!(status, 200);
        assert_eq!(send(office, &admin, &victim, &body), first);
    });
}

#[test]
fn an_answer_is_not_told_once_rights_are_others() {
    on_each_office(|office| {
        let reader = office.caller(office.reader);
        let body = json!({"CompanyName": "C"});
        let first = send(office, &reader, "Ext.Me", &body);
        assert_eq!(first.0, 200, "{}", first.1);
        assert_eq!(
            send(office, &office.caller(office.reader), "Ext.Me", &body),
            first
        );
        let key = office.create(
            "Systems_Security_AccessKeys",
            &json!({"Name": {"EN": "Logins"}}),
        );
        office.create(
            "Systems_Security_ColumnPermissions",
            &json!({
                "TableName": "Sec_Users", "ColumnName": "Email",
                "AccessKey@odata.bind": format!("Systems_Security_AccessKeys({key})"),
            }),
        );
        let (status, text) = send(office, &office.caller(office.reader), "Ext.Me", &body);
        assert_eq!((status, text.as_str()), (403, "Forbidden"));
    });
}

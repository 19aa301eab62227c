//! What the scopes of a sign-in leave of the rights of its user.

use serde_json::json;
use userdex::access::Scopes;
use userdex::service::Verb;

use crate::office::{address, on_each_office};

#[test]
fn scopes_limit_administrators_too() {
    on_each_office(|office| {
        let reads = office.caller_with(office.admin, Scopes::parse("read"));
        let (status, text) = office.write(
            &reads,
            Verb::Patch,
            &address(office.nobody),
            &json!({"Notes": "x"}),
        );
        assert!(status == 403 && text.contains("update"), "{text}");
        assert_eq!(
            office.get(&reads, "Systems_Security_Users?$top=1").status,
            200
        );
        let writes = office.caller_with(office.admin, Scopes::parse("update"));
        assert_eq!(
            office.get(&writes, "Systems_Security_Users?$top=1").status,
            403
        );
        let asks = "Systems_Security_Groups?$filter=AccessKeys/any()";
        assert_eq!(office.get(&writes, asks).status, 403);
    });
}

#[test]
fn the_audit_log_takes_the_scope_sec() {
    on_each_office(|office| {
        let audit = "Systems_Monitoring_AuditLogEntries?$top=1";
        for (user, scopes, status) in [
            (office.admin, Scopes::USUAL, 403),
            (office.admin, Scopes::ALL, 200),
            (office.reader, Scopes::ALL, 403),
        ] {
            let answer = office.get(&office.caller_with(user, scopes), audit);
            assert_eq!(answer.status, status, "{}", answer.body);
        }
        // Nor can it be reached from elsewhere.
        let usual = office.caller(office.admin);
        assert_eq!(
            office
                .get(&usual, "Systems_Core_ObjectChanges?$top=1")
                .status,
            200
        );
    });
}

//! Who may have reads explained: administrators.

use serde_json::json;

use crate::delta::Reader;
use crate::kit::{PLAN, SET, server};
use crate::support::server::Kind;

crate::on_both!(only_administrators_have_reads_explained);

fn only_administrators_have_reads_explained(kind: Kind) {
    let server = server(kind, 0);
    let reader = Reader::new(&server, "reader", &[(SET, None)]);
    let some = Reader::new(&server, "some", &[(SET, Some("Active eq false"))]);
    for caller in [&reader, &some] {
        caller.ask(&server, &format!("{SET}?$top=1")).expect(200);
        for address in [
            SET.to_owned(),
            format!("{SET}/$count"),
            format!("{SET}?$filter=Login eq 'x'"),
            format!("{SET}?$apply=aggregate($count as N)"),
            "Ext.Me".to_owned(),
        ] {
            let asked = caller.ask(&server, &address).header("Accept", PLAN);
            let refused = asked.refused(403, "Forbidden", "");
            let text = refused.text();
            assert!(
                text.contains("only administrators have reads explained"),
                "{text}"
            );
            assert!(
                !text.contains("SELECT") && !text.contains("Sec_Users"),
                "{text}"
            );
            let address = address.replace('\'', "''").replace('?', "%3F");
            let address = address.replace('/', "%2F");
            let call = format!("Explain(query='{address}')");
            caller.ask(&server, &call).refused(403, "Forbidden", "");
        }
        // Also of what is not there, which they hear nothing about.
        let call = "Explain(query='Systems_Monitoring_AuditLogEntries')";
        caller.ask(&server, call).refused(403, "Forbidden", "");
        let post = server.ask("POST", &format!("{SET}/$query")).anonymous();
        let post = post.header("Authorization", caller.0.as_ref().unwrap());
        let post = post.header("Accept", PLAN).body("text/plain", "$top=1");
        post.refused(403, "Forbidden", "");
    }
    let nobody = server.ask("GET", SET).anonymous().header("Accept", PLAN);
    nobody.refused(401, "SignInRequired", "");
    let part = json!({"requests": [{"id": "1", "method": "get", "url": SET,
                                    "headers": {"accept": PLAN}}]});
    let batch = server.post("$batch", &part).anonymous();
    let batch = batch.header("Authorization", reader.0.as_ref().unwrap());
    let batch = batch.expect(200).json();
    assert_eq!(batch["responses"][0]["status"], 403, "{batch}");
}

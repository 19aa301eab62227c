//! What does not go together: options beside a next link, a number beside an export.

use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS};

crate::on_both!(next_links_take_no_skip, exports_have_no_place_for_a_number,);

/// The target of the next link of a page.
fn next(server: &Server, address: &str) -> String {
    let page = server.ask("GET", address).prefer("maxpagesize=2");
    let page = page.expect(200).json();
    let link = page["@odata.nextLink"].as_str().unwrap();
    link.strip_prefix("http://localhost").unwrap().to_owned()
}

fn next_links_take_no_skip(kind: Kind) {
    let server = kind.server();
    for number in 0..7 {
        server.user(&format!("user{number}"));
    }
    for address in [
        format!("{USERS}?$orderby=Login&$select=Login"),
        format!("{USERS}?$orderby=Login&$skip=1&%24select=Login"),
        format!("{USERS}/$ref?$skip=1"),
        format!("{USERS}?$apply=groupby((Login))&skip=1"),
        "$all".to_owned(),
    ] {
        let link = next(&server, &address);
        assert!(!link.contains("skip="), "{link}");
        let get = |target: &str| Request::new(server.address, "GET", target);
        let rows = get(&link).expect(200);
        assert!(!rows.json()["value"].as_array().unwrap().is_empty());
        for more in ["$skip=3", "skip=0", "%24SKIP=3"] {
            let refused = get(&format!("{link}&{more}"));
            refused.refused(400, "InvalidOption", "$skip");
        }
        // Options that say how rows are shown may still be added.
        let counted = get(&format!("{link}&$count=true")).expect(200).json();
        assert!(counted["@odata.count"].is_number(), "{address}");
    }
}

fn exports_have_no_place_for_a_number(kind: Kind) {
    let server = kind.server();
    server.user("ann");
    for (format, media) in [
        ("csv", "text/csv"),
        ("ndjson", "application/x-ndjson"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ] {
        for options in [
            "$count=true",
            "$top=1&count=true",
            "$apply=groupby((Login))&$count=true",
        ] {
            let address = format!("{USERS}?{options}");
            let option = server.ask("GET", &format!("{address}&$format={format}"));
            option.refused(400, "InvalidOption", "$count");
            let header = server.ask("GET", &address).header("Accept", media);
            header.refused(400, "InvalidOption", "$count");
            let later = header.prefer("respond-async");
            later.refused(400, "InvalidOption", "$count");
            // Where it is the second choice, there is a page with its number.
            let either = format!("application/json, {media};q=0.5");
            let page = server.ask("GET", &address).header("Accept", &either);
            assert!(page.expect(200).json()["@odata.count"].is_number());
        }
        let without = format!("{USERS}?$count=false&$format={format}");
        server.ask("GET", &without).expect(200);
    }
}

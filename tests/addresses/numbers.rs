//! Whole numbers compared with decimal ones: both databases say what arithmetic says.

use serde_json::json;

use crate::support::server::{Kind, USERS};

crate::on_both!(
    whole_numbers_compare_with_decimal_ones,
    groups_compare_with_decimal_ones
);

fn whole_numbers_compare_with_decimal_ones(kind: Kind) {
    let server = kind.server();
    for number in 0..4 {
        server.user_with(&format!("u{number}"), json!({"AccessFailedCount": number}));
    }
    let logins = |filter: &str| -> Vec<String> {
        let query = format!(
            "{USERS}?$filter=startswith(Login,'u') and ({filter})&$select=Login&$orderby=Login"
        );
        let rows = server.rows(&query);
        rows.iter()
            .map(|row| row["Login"].as_str().unwrap().to_owned())
            .collect()
    };
    for (filter, expected) in [
        ("AccessFailedCount ge 1 divby 2", "u1 u2 u3"),
        ("AccessFailedCount ge 0.5", "u1 u2 u3"),
        ("AccessFailedCount gt 0.5", "u1 u2 u3"),
        ("AccessFailedCount le 1.5", "u0 u1"),
        ("AccessFailedCount lt 1.5", "u0 u1"),
        ("not (AccessFailedCount lt 1.5)", "u2 u3"),
        ("2.5 gt AccessFailedCount", "u0 u1 u2"),
        ("AccessFailedCount gt 1.0", "u2 u3"),
        ("AccessFailedCount eq 2.0", "u2"),
        ("AccessFailedCount ge 15e-1", "u2 u3"),
        ("AccessFailedCount eq 1.5", ""),
        ("AccessFailedCount ne 1.5", "u0 u1 u2 u3"),
        ("not (AccessFailedCount eq 1.5)", "u0 u1 u2 u3"),
        ("not (AccessFailedCount ne 1.5)", ""),
        ("AccessFailedCount eq 1.5 or AccessFailedCount eq 1", "u1"),
        ("equalnull(AccessFailedCount,1.5)", ""),
        ("AccessFailedCount gt -0.5", "u0 u1 u2 u3"),
        (
            "AccessFailedCount gt 0.5 and AccessFailedCount lt 2.5",
            "u1 u2",
        ),
    ] {
        assert_eq!(logins(filter).join(" "), expected, "{filter}");
    }
    for (filter, code) in [
        ("AccessFailedCount ge 2147483647.5", "InvalidValue"),
        ("AccessFailedCount lt 1e300", "TypeMismatch"),
        ("AccessFailedCount lt INF", "TypeMismatch"),
        ("AccessFailedCount lt NaN", "TypeMismatch"),
        ("AccessFailedCount lt '0.5'", "TypeMismatch"),
    ] {
        let answer = server.ask("GET", &format!("{USERS}?$filter={filter}"));
        let answer = answer.expect(400);
        assert_eq!(answer.json()["error"]["code"], code, "{filter}");
    }
}

fn groups_compare_with_decimal_ones(kind: Kind) {
    let server = kind.server();
    for number in 0..4 {
        server.user_with(
            &format!("u{number}"),
            json!({"AccessFailedCount": number / 2}),
        );
    }
    let counts = |filter: &str| {
        let apply = format!(
            "filter(startswith(Login,'u'))/groupby((AccessFailedCount),aggregate($count as N))/filter({filter})"
        );
        let rows = server.rows(&format!("{USERS}?$apply={apply}"));
        rows.iter()
            .map(|row| row["AccessFailedCount"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(counts("N ge 1.5"), [0, 1]);
    assert_eq!(counts("N gt 2.5"), [0_i64; 0]);
    assert_eq!(counts("N eq 1.5"), [0_i64; 0]);
    assert_eq!(counts("N ne 1.5"), [0, 1]);
    assert_eq!(counts("N in (1.5,2)"), [0, 1]);
    assert_eq!(counts("N in (1.5)"), [0_i64; 0]);
    assert_eq!(counts("AccessFailedCount gt 0.5"), [1]);
}

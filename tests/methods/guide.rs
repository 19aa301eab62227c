//! `docs/methods.md`: every line of it works as it stands there, and no method is left out.

use serde_json::json;
use userdex::methods;

use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, link, user};
use crate::support::tester;

crate::on_both!(every_line_works);

const GUIDE: &str = include_str!("../../docs/methods.md");

/// What the lines call things, and what they are here.
type Names = Vec<(&'static str, String)>;

/// What no line can show: it takes a code of the moment.
const CODED: &str = "Ext.ConfirmSecondFactor";

fn every_line_works(kind: Kind) {
    let server = kind.server();
    let names = names(&server);
    let lines: Vec<_> = GUIDE
        .lines()
        .filter(|line| line.starts_with("curl "))
        .collect();
    for line in &lines {
        let request = request(&server, &words(line, &names));
        let answer = request.send();
        assert!((200..300).contains(&answer.status), "{line}\n{answer}");
    }
    for name in methods::names() {
        if *name == CODED {
            assert!(GUIDE.contains(name), "`{name}` is not told of");
            continue;
        }
        let bare = name.rsplit('.').next().unwrap();
        let is_called = |line: &&&str| line.contains(&format!("/{bare}")) || line.contains(name);
        assert!(
            lines.iter().any(|line| is_called(&line)),
            "`{name}` is not shown"
        );
    }
    for option in ["top", "skip", "search", "exactMatch", "orderByDescription"] {
        let shown = lines
            .iter()
            .any(|line| line.contains(&format!("{option}=")));
        assert!(shown, "`{option}` is not shown");
    }
}

fn names(server: &Server) -> Names {
    let body = crate::support::server::merged(user("ann"), json!({"Email": "ann@x.example"}));
    let ann = server.create(USERS, &body);
    let color = json!({"Code": "color", "EntityName": "Sec_Users", "Name": {"EN": "Color"}});
    let color = server.create("Systems_Bpm_CustomProperties", &color);
    for value in ["amber", "azure", "red"] {
        server.create(
            "Systems_Bpm_CustomPropertyAllowedValues",
            &json!({"Property": link(&color), "PropertyAllowedValueField": value}),
        );
    }
    let application = json!({"ApplicationUri": "report", "Name": "Report"});
    let application = server.create("Systems_Security_TrustedApplications", &application);
    let token = server
        .post(&format!("{ann}/Ext.IssueToken"), &json!({}))
        .expect(200)
        .json();
    let token = token["id"].as_str().unwrap();
    assert!(!key(&ann).is_empty());
    let header = tester::authorization(server.address).unwrap();
    vec![
        ("HOST", String::new()),
        ("ROOT", "/api/domain/odata".to_owned()),
        ("AUTH", format!("Authorization: {header}")),
        ("USER", ann),
        ("TOKEN", format!("Systems_Security_AccessTokens({token})")),
        ("APPLICATION", application),
        ("TX", format!("TransactionId: {}", begin(server))),
    ]
}

/// A transaction that tracks its changes.
fn begin(server: &Server) -> String {
    let path = "/api/domain/odata/BeginTransaction";
    let request = Request::new(server.address, "POST", path);
    let answer = request
        .body("application/json", r#"{"trackChanges":true}"#.to_owned())
        .send();
    assert_eq!(answer.status, 200, "{answer}");
    String::from_utf8(answer.body).unwrap()
}

/// The words of a line, as a shell reads them.
fn words(line: &str, names: &Names) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => word.extend(rest.next()),
            (Some('\''), c) => word.push(c),
            (_, '$') => {
                let mut name = String::new();
                while let Some(c) = rest.next_if(char::is_ascii_uppercase) {
                    name.push(c);
                }
                let known = names.iter().find(|(known, _)| *known == name);
                let (_, value) = known.unwrap_or_else(|| panic!("`${name}` in {line}"));
                word.push_str(value);
            }
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words
}

/// The request that `curl` would send.
fn request(server: &Server, words: &[String]) -> Request {
    let (mut method, mut target, mut query) = ("GET".to_owned(), String::new(), Vec::new());
    let (mut headers, mut body) = (Vec::new(), None);
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap().clone();
        match word.as_str() {
            "-G" => {}
            "-X" => method = next(),
            "-H" => headers.push(next()),
            "-d" => body = Some(next()),
            "--data-urlencode" => query.push(next()),
            other => target = other.to_owned(),
        }
    }
    let encoded = query.iter().map(|option| {
        let (name, value) = option.split_once('=').unwrap();
        let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{name}={value}")
    });
    let encoded: Vec<_> = encoded.collect();
    if !encoded.is_empty() {
        target = format!("{target}?{}", encoded.join("&"));
    }
    let request = Request::new(server.address, &method, &target).anonymous();
    let (mut media, mut request) = (String::new(), request);
    for line in &headers {
        match line.split_once(": ").unwrap() {
            ("Content-Type", value) => media = value.to_owned(),
            (name, value) => request = request.header(name, value),
        }
    }
    match body {
        Some(body) => request.body(&media, body),
        None => request,
    }
}

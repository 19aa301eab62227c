//! Layers, faults with their places, and the table against the types.

use std::path::PathBuf;
use std::time::Duration;

use super::place::line_of;
use super::*;

/// Writes `text` to a file of that name and loads it with these variables.
fn load_text(name: &str, text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    load(&Sources {
        file: Some(&path),
        environment,
        flags: Vec::new(),
    })
    .map_err(|problem| {
        let folder = format!("{}/", folder.path().display());
        format!("{problem:?}").replace(&folder, "")
    })
}

#[test]
fn without_sources_every_setting_is_its_default() {
    assert_eq!(load(&Sources::default()).unwrap(), Settings::default());
}

#[test]
fn the_table_and_the_types_agree() {
    for setting in SETTINGS.iter().filter(|s| !s.default.is_empty()) {
        let settings = load(&Sources {
            environment: vec![(
                format!("USERDEX_{}", setting.key.replace('.', "__").to_uppercase()),
                setting.default.to_owned(),
            )],
            ..Sources::default()
        });
        assert_eq!(settings.unwrap(), Settings::default(), "{}", setting.key);
    }
}

#[test]
fn the_documentation_lists_every_setting() {
    let document = include_str!("../../docs/configuration.md");
    for setting in SETTINGS {
        let default = match setting.default {
            "" => "–".to_owned(),
            text => format!("`{text}`"),
        };
        let row = format!(
            "| `{}` | {default} | {} | {} |",
            setting.key, setting.takes, setting.about
        );
        assert!(
            document.contains(&row),
            "docs/configuration.md lacks: {row}"
        );
    }
}

#[test]
fn later_layers_win() {
    let file = "[query]\nmax_top = 5\ndeadline = \"2m\"\n[server]\nurl_limit = 2048\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("userdex.toml");
    std::fs::write(&path, file).unwrap();
    let settings = load(&Sources {
        file: Some(&path),
        environment: vec![
            ("USERDEX_QUERY__MAX_TOP".to_owned(), "7".to_owned()),
            (
                "USERDEX_SERVER__LISTEN".to_owned(),
                "127.0.0.1:1".to_owned(),
            ),
            ("USERDEX_ADMIN_PASSWORD".to_owned(), "x".to_owned()),
            ("PATH".to_owned(), "x".to_owned()),
        ],
        flags: vec![("--listen", "server.listen", "127.0.0.1:2".to_owned())],
    })
    .unwrap();
    assert_eq!(settings.query.max_top, 7);
    assert_eq!(settings.query.deadline, Duration::from_secs(120));
    assert_eq!(settings.server.url_limit, 2048);
    assert_eq!(settings.server.listen.port(), 2);
}

#[test]
fn json_is_read_by_its_extension() {
    let settings = load_text("a.json", r#"{"log":{"format":"json"}}"#, &[]).unwrap();
    assert_eq!(settings.log.format, LogFormat::Json);
}

#[test]
fn issuers_are_a_list_of_tables() {
    let text = "[[oidc]]\nissuer = 'https://id.example'\naudience = 'userdex'\n\
                jwks = 'keys.json'\nprovider = 'GOOGLE'\n";
    let settings = load_text("a.toml", &text.repeat(2), &[]).unwrap();
    let [first, second] = &settings.oidc[..] else {
        panic!("{:?}", settings.oidc);
    };
    assert_eq!(first, second);
    assert_eq!(first.algorithms, ["RS256"]);
    assert_eq!(first.key_claim, "sub");
}

/// File name, text, variables, message.
type Fault<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn faults_name_the_place_and_what_would_fit() {
    #[rustfmt::skip]
    let table: &[Fault<'_>] = &[
        ("a.toml", "[query]\n\nmax_tpo = 5\n", &[], "ConfigurationFault: there is no setting `query.max_tpo` (a.toml, line 3); did you mean `query.max_top`?"),
        ("a.toml", "query.max_top = 'many'\n", &[], "ConfigurationFault: the setting `query.max_top` does not take `many` (a.toml, line 1); it takes a whole number, 1 or more"),
        ("a.toml", "server.workers = 513\n", &[], "ConfigurationFault: the setting `server.workers` does not take `513` (a.toml, line 1); it takes a whole number from 0 to 512"),
        ("a.toml", "# max_top\n[query]\nmax_top = 0\n", &[], "ConfigurationFault: the setting `query.max_top` does not take `0` (a.toml, line 3); it takes a whole number, 1 or more"),
        ("a.json", "{\n \"server\": {\n  \"stall\": \"soon\"}}", &[], "ConfigurationFault: the setting `server.stall` does not take `soon` (a.json, line 3); it takes a length of time such as `500ms`, `30s`, `5m`"),
        ("a.toml", "[licences]\ndefault = 5\n", &[], "ConfigurationFault: `licences` is not yet known to this version (a.toml, line 1); remove it"),
        ("a.toml", "[password]\nformat = 5\n", &[], "ConfigurationFault: `password.format` is not yet known to this version (a.toml, line 2); remove it"),
        ("a.toml", "query = 5\n", &[], "ConfigurationFault: `query` is a section, not a value (a.toml, line 1)"),
        ("a.toml", "", &[("USERDEX_LOG__FROMAT", "json")], "ConfigurationFault: there is no setting `log.fromat` (the environment variable USERDEX_LOG__FROMAT); did you mean `log.format`?"),
        ("a.toml", "", &[("USERDEX_LOG__FORMAT", "xml")], "ConfigurationFault: the setting `log.format` does not take `xml` (the environment variable USERDEX_LOG__FORMAT); it takes `text` or `json`"),
        ("a.toml", "server.public_url = 'https://a/b'", &[], "ConfigurationFault: the setting `server.public_url` does not take `https://a/b` (a.toml, line 1); it takes an address such as `https://users.example`, without a path"),
        ("a.toml", "server.trusted_proxies = ['10.0.0.0/8', '10.0.0.1/8']", &[], "ConfigurationFault: the setting `server.trusted_proxies` does not take `[\"10.0.0.0/8\",\"10.0.0.1/8\"]` (a.toml, line 1); it takes a list of networks and addresses, such as `[\"10.0.0.0/8\", \"::1\"]`"),
        ("a.toml", "server.cors_origins = ['https://a/']", &[], "ConfigurationFault: the setting `server.cors_origins` does not take `[\"https://a/\"]` (a.toml, line 1); it takes a list of origins such as `[\"https://app.example\"]`; `*` is any"),
        ("a.toml", "tls.certificate = 'a.pem'", &[], "ConfigurationFault: the setting `tls.key` is missing; it takes a PEM file"),
        ("a.toml", "tls.key = 'a.pem'", &[], "ConfigurationFault: the setting `tls.certificate` is missing; it takes a PEM file"),
        ("a.toml", "limits.sign_in_per_login = -1", &[], "ConfigurationFault: the setting `limits.sign_in_per_login` does not take `-1` (a.toml, line 1); it takes a whole number, 0 or more"),
        ("a.toml", "[password]\nallow_md5_write = true\n", &[], "ConfigurationFault: the setting `password.allow_md5_write` does not take `true` (a.toml, line 2); it takes `false`"),
        ("a.toml", "password.history = 25\n", &[], "ConfigurationFault: the setting `password.history` does not take `25` (a.toml, line 1); it takes a whole number from 0 to 24"),
        ("a.toml", "password.max_age = 30\n", &[], "ConfigurationFault: the setting `password.max_age` does not take `30` (a.toml, line 1); it takes a length of time, or `0`"),
        ("a.toml", "password.require = ['vowel']\n", &[], "ConfigurationFault: the setting `password.require` does not take `[\"vowel\"]` (a.toml, line 1); it takes a list of `lower`, `upper`, `digit`, `symbol`"),
        ("a.toml", "password.format = 'AN3'\n", &[], "ConfigurationFault: `password.format` is not yet known to this version (a.toml, line 1); remove it"),
        ("a.toml", "[[oidc]]\nissuer = 'https://id.example'\n", &[], "ConfigurationFault: the setting `oidc` does not take `[{\"issuer\":\"https://id.example\"}]` (a.toml, line 1); it takes tables `[[oidc]]` with `issuer`, `audience`, `jwks`, `provider`, and if wanted `algorithms` and `key_claim`"),
        ("a.toml", "[[oidc]]\nissuer = 'a'\naudience = 'b'\njwks = 'c'\nprovider = 'd'\nalgorithms = ['HS256']\n", &[], "ConfigurationFault: the setting `oidc` does not take `[{\"algorithms\":[\"HS256\"],\"audience\":\"b\",\"issuer\":\"a\",\"jwks\":\"c\",\"provider\":\"d\"}]` (a.toml, line 1); it takes tables `[[oidc]]` with `issuer`, `audience`, `jwks`, `provider`, and if wanted `algorithms` and `key_claim`"),
        ("a.toml", "fortune = 1\n[wealth]\n", &[], "ConfigurationFault: there is no setting `fortune` (a.toml, line 1)\nConfigurationFault: there is no setting `wealth` (a.toml, line 2)"),
    ];
    for (name, text, variables, message) in table {
        let found = load_text(name, text, variables).unwrap_err();
        assert_eq!(&found, message, "{text}");
    }
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let found = load_text("a.toml", "[query\n", &[]).unwrap_err();
    assert!(
        found.contains("a.toml") && found.contains("line 1"),
        "{found}"
    );
    let found = load_text("a.json", "{\n,}", &[]).unwrap_err();
    assert!(
        found.contains("a.json") && found.contains("line 2"),
        "{found}"
    );
}

#[test]
fn networks_are_read() {
    for (text, network) in [
        ("10.0.0.0/8", Some("10.0.0.0/8")),
        ("fd00::/8", Some("fd00::/8")),
        ("127.0.0.1", Some("127.0.0.1/32")),
        ("::1", Some("::1/128")),
        ("10.0.0.1/8", None),
        ("10.0.0.0/33", None),
        ("localhost", None),
        ("", None),
    ] {
        let found = networks::parse(text).map(|network| network.to_string());
        assert_eq!(found.as_deref(), network, "{text}");
    }
    let listed = load_text(
        "a.toml",
        "",
        &[(
            "USERDEX_SERVER__TRUSTED_PROXIES",
            r#"["10.0.0.0/8", "::1"]"#,
        )],
    );
    assert_eq!(listed.unwrap().server.trusted_proxies.len(), 2);
}

#[test]
fn durations() {
    for (text, milliseconds) in [
        ("500ms", Some(500)),
        ("30s", Some(30_000)),
        ("5m", Some(300_000)),
        ("1h", Some(3_600_000)),
        ("30d", Some(2_592_000_000)),
        ("5", None),
        ("-5s", None),
        ("s", None),
        ("99999999999999999999d", None),
        ("18446744073709551615d", None),
    ] {
        let expected = milliseconds.map(Duration::from_millis);
        assert_eq!(duration::parse(text), expected, "{text}");
    }
}

#[test]
fn lines_are_found() {
    for (text, path, line) in [
        ("a = 1\nb = 2", &["b"][..], Some(2)),
        ("[ab]\n[b]\na = 1", &["b", "a"], Some(3)),
        ("# b\n\n[b]", &["b"], Some(3)),
        ("[b]", &["c"], None),
    ] {
        assert_eq!(line_of(text, path), line, "{text}");
    }
}

//! Addresses of entities as texts: `Systems_Security_Users(guid)`.

use uuid::Uuid;

/// The path of the service root.
pub const SERVICE_PATH: &str = "/api/domain/odata";

/// Takes the address of an entity apart, absolute or relative, with its key in parentheses or as a
/// segment. Nothing for a text of another form, nor for the address of an entity of another service:
/// one whose path does not lead through a service root. Its host is not looked at, since a service
/// has several names, inside and outside of its proxies.
pub fn split_address(text: &str) -> Option<(&str, Uuid)> {
    let (head, key) = match text.strip_suffix(')') {
        Some(open) => open.rsplit_once('(')?,
        None => text.rsplit_once('/')?,
    };
    let (before, set) = head.rsplit_once('/').unwrap_or(("", head));
    // `/Users(guid)` starts at the service root, as clients of other services write it.
    let is_rooted = head.contains(':') || (head.starts_with('/') && !before.is_empty());
    if is_rooted && !is_service_root(before) {
        return None;
    }
    let key = key.strip_prefix("Id=").unwrap_or(key);
    let bare = key.strip_prefix('\'').and_then(|k| k.strip_suffix('\''));
    Some((set, Uuid::try_parse(bare.unwrap_or(key)).ok()?))
}

/// Whether an address, absolute or from the host on, is that of a service root.
fn is_service_root(address: &str) -> bool {
    let from_host = match address.split_once(':') {
        Some((scheme, rest)) => {
            let is_web = ["http", "https"]
                .iter()
                .any(|s| s.eq_ignore_ascii_case(scheme));
            rest.strip_prefix("//").filter(|_| is_web)
        }
        None => address.strip_prefix("//").or(Some(address)),
    };
    // A query would make the root a part of it.
    from_host.is_some_and(|rest| rest.ends_with(SERVICE_PATH) && !rest.contains(['?', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_other_services_are_none_of_ours() {
        let key = "9da64839-a8d0-491d-aebb-4d18fa42b014";
        for ours in [
            "Users(K)",
            "Users/K",
            "Users(Id=K)",
            "Users('K')",
            "/Users(K)",
            "/Users/K",
            "/api/domain/odata/Users(K)",
            "//h/api/domain/odata/Users(K)",
            "http://localhost:8080/api/domain/odata/Users(K)",
            "https://users.example/api/domain/odata/Users/K",
            "HTTPS://inside.example/behind/a/proxy/api/domain/odata/Users(K)",
        ] {
            assert_eq!(split_address(ours), None, "{ours}");
            let text = ours.replace('K', key);
            let (set, guid) = split_address(&text).unwrap();
            assert_eq!((set, guid.to_string().as_str()), ("Users", key), "{ours}");
        }
        for other in [
            "https://evil.example/other/service/Users(K)",
            "http://evil/Users(K)",
            "http://evil/Users/K",
            "//evil/Users(K)",
            "/x/Users(K)",
            "/x/Users/K",
            "ftp://h/api/domain/odata/Users(K)",
            "http:Users(K)",
            "urn:x:Users(K)",
            "https://h/x?to=/api/domain/odata/Users(K)",
            "https://h/api/domain/odata/x/Users(K)",
            "https://h/api/domain/odata2/Users(K)",
        ] {
            assert_eq!(split_address(&other.replace('K', key)), None, "{other}");
        }
    }
}

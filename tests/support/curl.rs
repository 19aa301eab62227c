//! Lines of `curl` in the documentation, read as a shell and `curl` read them.

use std::net::SocketAddr;

use super::http::Request;

/// What the lines call things, and what they are in a test.
pub type Names = Vec<(&'static str, String)>;

/// A line that was read.
#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    /// The path and the query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

/// The lines of a page that call `curl`.
pub fn lines(page: &str) -> Vec<&str> {
    page.lines()
        .filter(|line| line.starts_with("curl "))
        .collect()
}

/// Reads a line. `@name` as a body is a file of the page, which is among the names.
pub fn call(line: &str, names: &Names) -> Call {
    let words = words(line, names);
    let (mut query, mut words) = (Vec::new(), words.iter().skip(1));
    let mut call = Call {
        method: "GET".to_owned(),
        target: String::new(),
        headers: Vec::new(),
        body: None,
    };
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap().clone();
        match word.as_str() {
            "-G" | "-N" => {}
            "-X" => call.method = next(),
            "-H" => {
                let header = next();
                let (name, value) = header.split_once(": ").unwrap();
                call.headers.push((name.to_owned(), value.to_owned()));
            }
            "-d" => {
                let body = next();
                call.body = Some(match body.strip_prefix('@') {
                    Some(file) => named(file, names, line).to_owned(),
                    None => body,
                });
            }
            "--data-urlencode" => query.push(next()),
            other => call.target = other.to_owned(),
        }
    }
    let encoded = query.iter().map(|option| {
        let (name, value) = option.split_once('=').unwrap();
        let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("{name}={value}")
    });
    let encoded: Vec<_> = encoded.collect();
    if !encoded.is_empty() {
        call.target = format!("{}?{}", call.target, encoded.join("&"));
    }
    call
}

impl Call {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The request that `curl` would send.
    pub fn request(&self, address: SocketAddr) -> Request {
        let request = Request::new(address, &self.method, &self.target).anonymous();
        let others = self
            .headers
            .iter()
            .filter(|(name, _)| name != "Content-Type");
        let request = others.fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        match &self.body {
            Some(body) => request.body(
                self.header("Content-Type").unwrap_or_default(),
                body.clone(),
            ),
            None => request,
        }
    }
}

fn named<'n>(name: &str, names: &'n Names, line: &str) -> &'n str {
    let known = names.iter().find(|(known, _)| *known == name);
    let (_, value) = known.unwrap_or_else(|| panic!("`{name}` in {line}"));
    value
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
                word.push_str(named(&name, names, line));
            }
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words
}

//! Every way to ask for a secret by its name, and the refusal of each.

use std::collections::BTreeSet;

use crate::callers::Sees;
use crate::crawl::Walk;
use crate::secrets::{Secret, secrets};
use crate::stage::password;

/// Queries of a set. `S` is the secret, `T` its type, `K` the key in parentheses.
const QUERIES: &[&str] = &[
    "$select=S",
    "$select=Id,S",
    "$select=Erp.T/S",
    "$select=S/EN",
    "$filter=S eq 'x'",
    "$filter='x' eq S",
    "$filter=S ne null",
    "$filter=S gt 'a'",
    "$filter=S in ('x','y')",
    "$filter=not (S eq 'x')",
    "$filter=Id ne null and (Id eq null or S eq null)",
    "$filter=contains(S,'Q')",
    "$filter=startswith(S,'Q')",
    "$filter=endswith(tolower(S),'q')",
    "$filter=length(S) gt 1",
    "$filter=indexof(S,'Q') eq 0",
    "$filter=substring(S,0,1) eq 'Q'",
    "$filter=concat(S,'x') eq 'x'",
    "$filter=matchesPattern(S,'^Q')",
    "$filter=equalnull(S,'x')",
    "$filter=cast(S,Edm.String) eq 'x'",
    "$filter=S eq S",
    "$filter=S/EN eq 'x'",
    "$filter=S/$count gt 0",
    "$filter=$it/S eq 'x'",
    "$filter=$this/S eq 'x'",
    "$filter=Erp.T/S eq 'x'",
    "$filter=$root/EK/S eq 'x'",
    "$filter=Id eq $root/EK/S",
    "$filter=@a&@a=S eq 'x'",
    "$filter=S eq @a&@a='x'",
    "$filter=case(S eq 'x':true,true:false)",
    "$filter={\"S\":\"x\"}",
    "$format=plan&$filter=S eq 'x'",
    "$format=plan&$select=S",
    "$orderby=S",
    "$orderby=Id,S desc",
    "$orderby=length(S)",
    "$orderby=$it/S",
    "$orderby=Erp.T/S",
    "$compute=S as X",
    "$compute=length(S) as X&$select=X",
    "$apply=groupby((S))",
    "$apply=groupby((S),aggregate($count as N))",
    "$apply=aggregate(S with max as X)",
    "$apply=aggregate(S with countdistinct as X)",
    "$apply=filter(S eq 'x')",
    "$apply=compute(S as X)",
    "$apply=orderby(S)",
    "$expand=S",
    "$expand=S($count=true)",
    "$skiptoken=S",
];

/// Paths below a set.
const PATHS: &[&str] = &[
    "EK/S",
    "EK/S/$value",
    "EK/S/$count",
    "EK/S/$ref",
    "EK/S/EN",
    "EK/Erp.T/S",
    "EK?$select=S",
    "EK?$expand=S",
    "E/S",
    "E/$count?$filter=S eq 'x'",
    "E/$ref?$filter=S eq 'x'",
    "E/$ref?$orderby=S",
    "E/$filter(@f)?@f=S eq 'x'",
    "E/$filter(@f)/$count?@f=S eq 'x'",
    "E/$each?$filter=S eq 'x'",
    "E(S='x')",
    "E(S=@a)?@a='x'",
    "E/$query?$filter=S eq 'x'",
    "$entity?$id=EK&$select=S",
    "$all?$filter=S eq 'x'",
    "$crossjoin(E)?$filter=E/S eq 'x'",
    "$crossjoin(E)?$orderby=E/S",
    "$crossjoin(E)?$expand=E($select=S)",
];

/// Queries of a set that refers to the secret's by `R`.
const BY_REFERENCE: &[&str] = &[
    "$filter=R/S eq 'x'",
    "$filter=R/S in ('x')",
    "$filter=contains(R/S,'Q')",
    "$filter=$it/R/S eq 'x'",
    "$filter=R/Erp.T/S eq 'x'",
    "$orderby=R/S",
    "$select=R/S",
    "$expand=R($select=S)",
    "$expand=R($select=Id;$expand=S)",
    "$expand=R/S",
    "$apply=groupby((R/S))",
    "$apply=groupby((R))&expandgroup=R($select=S)",
    "$apply=groupby((R))&expandgroup=*,R($expand=S)",
    "$compute=R/S as X",
];

/// Queries of a set that has the secret's as children `C`.
const BY_COLLECTION: &[&str] = &[
    "$filter=C/any(c:c/S eq 'x')",
    "$filter=C/all(c:c/S ne 'x')",
    "$filter=C/any(c:contains(c/S,'Q'))",
    "$filter=C/any(c:c/S eq $it/Id)",
    "$filter=C/$count($filter=S eq 'x') gt 0",
    "$filter=C/$filter(S eq 'x')/$count gt 1",
    "$filter=C/$filter(contains(S,'Q'))/any()",
    "$orderby=C/$count($filter=S eq 'x')",
    "$expand=C($select=S)",
    "$expand=C($filter=S eq 'x')",
    "$expand=C($orderby=S)",
    "$expand=C($count=true;$filter=S eq 'x';$top=0)",
    "$expand=C($apply=groupby((S)))",
    "$expand=C($compute=S as X)",
    "$expand=C/$count($filter=S eq 'x')",
    "$expand=C/$ref($filter=S eq 'x')",
    "$expand=C/$ref($orderby=S)",
    "$select=C/S",
    "$apply=aggregate(C(S with max as X))",
];

/// The refusals that say why. Nothing else may be answered to a question for a secret.
const EXPLAINED: &[&str] = &["AttributeNotReadable"];
/// Those of forms that nobody is offered, of whatever attribute.
const NOT_OFFERED: &[&str] = &[
    "FilterNotDeclared",
    "OrderNotDeclared",
    "InvalidOption",
    "InvalidSkipToken",
    "InvalidValue",
    "MethodNotAllowed",
    "NotFound",
    "NotSupported",
    "SyntaxError",
    "TypeMismatch",
    "UnknownFunction",
    "UnknownProperty",
];

/// Asks for every secret in every way.
pub(crate) fn all(walk: &mut Walk<'_>) {
    let model = walk.stage.server.model.clone();
    let all = secrets(&model);
    assert!(all.len() > 5, "{} secrets", all.len());
    for secret in &all {
        for address in addresses(walk, secret)
            .into_iter()
            .step_by(walk.caller.every)
        {
            let answer = walk.get(&address);
            let code = answer.json()["error"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let explained = match walk.caller.sees {
                Sees::Nothing => code == "SignInRequired",
                Sees::Some => {
                    code == "Forbidden"
                        || EXPLAINED.contains(&code.as_str())
                        || NOT_OFFERED.contains(&code.as_str())
                }
                Sees::Most | Sees::All => {
                    EXPLAINED.contains(&code.as_str())
                        || NOT_OFFERED.contains(&code.as_str())
                        || code == "Forbidden" && walk.caller.sees == Sees::Most
                }
            };
            assert!(
                answer.status >= 400 && explained,
                "{}: {address} {answer}",
                walk.caller.name
            );
        }
    }
    // The password is no way to find its user.
    let right = password();
    for query in [
        format!("$filter=Password eq '{right}'"),
        format!("$filter=Login eq '{right}'"),
    ] {
        let request = walk.odata("GET", &format!("Systems_Security_Users/$count?{query}"));
        // The question itself may be quoted.
        let answer = request.send();
        assert!(
            answer.status != 200 || answer.text() == "0",
            "{query} {answer}"
        );
    }
}

/// All addresses that name a secret.
fn addresses(walk: &Walk<'_>, secret: &Secret<'_>) -> BTreeSet<String> {
    let model = &walk.stage.server.model;
    let object = walk.stage.object(secret.id);
    let (set, key) = object.split_once('(').unwrap();
    let key = format!("({key}");
    let fill = |template: &str| {
        let words = [
            ("E", set),
            ("K", key.as_str()),
            ("S", secret.name),
            ("T", &secret.of.type_name),
        ];
        spelled(template, &words)
    };
    let mut all: BTreeSet<String> = QUERIES
        .iter()
        .map(|q| format!("{set}?{}", fill(q)))
        .collect();
    all.extend(PATHS.iter().map(|path| fill(path)));
    let name = secret.name.to_lowercase();
    all.insert(format!("{set}?$filter={name} eq 'x'"));
    // Every reference for who sees most; some for everybody.
    let some = match walk.caller.sees {
        Sees::All => usize::MAX,
        Sees::Nothing | Sees::Some | Sees::Most => 2,
    };
    for (from, reference) in model.referrers(secret.id).iter().take(some) {
        let from = model.entity(*from);
        let reference = from.reference(*reference);
        let words = [("R", reference.name.as_str())];
        let queries = BY_REFERENCE.iter().map(|q| spelled(&fill(q), &words));
        all.extend(queries.map(|q| format!("{}?{q}", from.set)));
    }
    for (id, from) in model.entities() {
        for collection in from.collections.iter().filter(|c| c.target == secret.id) {
            let words = [("C", collection.name.as_str())];
            let queries = BY_COLLECTION.iter().map(|q| spelled(&fill(q), &words));
            all.extend(queries.map(|q| format!("{}?{q}", from.set)));
            let children = format!("{}/{}", walk.stage.object(id), collection.name);
            for query in ["$filter=S eq 'x'", "$orderby=S", "$select=S"] {
                all.insert(format!("{children}?{}", fill(query)));
            }
            all.insert(fill(&format!("{children}/$count?$filter=S eq 'x'")));
        }
    }
    all
}

/// A template with words for its single letters.
fn spelled(template: &str, words: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let letters: Vec<char> = template.chars().collect();
    let is_word = |at: usize| letters.get(at).is_some_and(|c| c.is_ascii_alphanumeric());
    for (at, letter) in letters.iter().enumerate() {
        let alone = (at == 0 || !is_word(at - 1) || letters[at - 1] == 'E' && *letter == 'K')
            && (!is_word(at + 1) || *letter == 'E' && letters[at + 1] == 'K');
        let word = words
            .iter()
            .find(|(name, _)| alone && *name == letter.to_string());
        match word {
            Some((_, word)) => text += word,
            None => text.push(*letter),
        }
    }
    text
}

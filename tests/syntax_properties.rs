//! Properties of the parser and the printer over generated trees and texts.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use userdex::diag::At;
use userdex::syntax::ast::{
    AggregateFrom, AggregateItem, AggregateOf, Argument, BinaryOperator, ComputeItem, ExpandItem,
    ExpandSuffix, ExpandTarget, Expr, GroupKey, Head, Lambda, Levels, Literal, LogicalOperator,
    Name, Node, Opt, OrderItem, Parens, Path, Pick, Pipeline, QueryOptions, Request, ResourcePath,
    SearchExpr, Segment, SelectItem, Step, Transformation, UnaryOperator,
};
use userdex::syntax::{
    Limits, parse_expression, parse_path, parse_query, parse_request, print_expression,
    print_request,
};
use uuid::Uuid;

// Strategies are boxed where others are made of them: proptest keeps them on the stack, which a
// debug build of unboxed ones overflows.

/// A name that is no word of the language.
fn word() -> impl Strategy<Value = String> {
    "[A-ZИ][a-z0-9_]{0,4}q".prop_map(|name| name)
}

fn name() -> BoxedStrategy<Name> {
    (prop_oneof!["", "Ns", "Ns\\.Sub"], word())
        .prop_map(|(namespace, name)| Name { namespace, name })
        .boxed()
}

fn simple_name() -> impl Strategy<Value = Name> {
    word().prop_map(|name| Name {
        namespace: String::new(),
        name,
    })
}

fn literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        "[+-]?[0-9]{1,20}".prop_map(Literal::Integer),
        "[+-]?[0-9]{1,5}(\\.[0-9]{1,5}|[eE][+-]?[0-9]{1,2})".prop_map(Literal::Decimal),
        prop_oneof!["INF", "-INF", "NaN"].prop_map(Literal::Decimal),
        "[ -~я']{0,8}".prop_map(Literal::String),
        any::<u128>().prop_map(|bits| Literal::Guid(Uuid::from_u128(bits))),
        "-?[1-9][0-9]{3}-0[1-9]-[12][0-9]".prop_map(Literal::Date),
        "2026-0[1-9]-[12][0-9]T1[0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,7})?)?(Z|[+-]0[0-9]:30)"
            .prop_map(Literal::DateTimeOffset),
        "1[0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,7})?)?".prop_map(Literal::TimeOfDay),
        "-?P[0-9]D(T[0-9]H([0-9]{1,2}M)?(1\\.5S)?)?".prop_map(Literal::Duration),
        "([A-Za-z0-9_-]{4}){0,3}".prop_map(Literal::Binary),
        (name(), "[A-Z][a-z]{0,4}(,[A-Z])?")
            .prop_map(|(type_name, members)| Literal::Enum { type_name, members }),
        Just(Literal::Geo("geometry'SRID=0;Point(1 2)'".to_owned())),
    ]
    .boxed()
}

fn json() -> BoxedStrategy<serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (-99_999_i32..99_999).prop_map(|n| serde_json::Value::from(f64::from(n) / 100.0)),
        "[ -~я]{0,6}".prop_map(Into::into),
    ];
    let value = leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            vec(("[a-z@.]{1,4}", inner), 0..3)
                .prop_map(|members| members.into_iter().collect::<serde_json::Value>()),
        ]
    });
    value
        .prop_filter("a container", |value| value.is_array() || value.is_object())
        .boxed()
}

fn binary_operator() -> impl Strategy<Value = BinaryOperator> {
    use BinaryOperator as B;
    prop::sample::select(vec![
        B::Eq,
        B::Ne,
        B::Gt,
        B::Ge,
        B::Lt,
        B::Le,
        B::Has,
        B::Add,
        B::Sub,
        B::Mul,
        B::Div,
        B::DivBy,
        B::Mod,
    ])
}

/// A path without parentheses, as an operand.
fn plain_path() -> BoxedStrategy<Expr> {
    let heads = [
        Head::Implicit,
        Head::It,
        Head::This,
        Head::Root,
        Head::These,
    ];
    let head = prop::sample::select(heads.to_vec());
    (head, vec(name().prop_map(Step::Name), 1..3))
        .prop_map(|(head, steps)| path(head, steps))
        .boxed()
}

fn path(head: Head, steps: Vec<Step>) -> Expr {
    Expr::Path(Path {
        head,
        steps: steps.into_iter().map(At::made).collect(),
    })
}

fn arguments(inner: impl Strategy<Value = Node> + Clone + 'static) -> BoxedStrategy<Vec<Argument>> {
    let positional = inner
        .clone()
        .prop_map(|value| Argument { name: None, value });
    let named = (word(), inner).prop_map(|(name, value)| Argument {
        name: Some(At::made(name)),
        value,
    });
    prop_oneof![vec(positional, 0..3), vec(named, 1..3)].boxed()
}

/// Steps after the first name of a path, with everything that takes parentheses.
fn step(inner: impl Strategy<Value = Node> + Clone + 'static) -> BoxedStrategy<Vec<Step>> {
    let lambda = (word(), inner.clone())
        .prop_map(|(variable, condition)| {
            Box::new(Lambda {
                variable: At::made(variable),
                condition,
            })
        })
        .boxed();
    let filtered = (inner.clone(), of(literal())).prop_map(|(condition, key)| {
        let key = key.map(|key| Step::Key(Parens::Key(At::made(Expr::Literal(key)))));
        std::iter::once(Step::Filter(Box::new(condition)))
            .chain(key)
            .collect()
    });
    let options = inner.clone().prop_map(|filter| {
        Box::new(QueryOptions {
            filter: Some(opt(filter)),
            ..QueryOptions::default()
        })
    });
    let call = (name(), arguments(inner.clone()));
    prop_oneof![
        name().prop_map(|name| vec![Step::Name(name)]),
        (name(), inner)
            .prop_map(|(name, key)| { vec![Step::Name(name), Step::Key(Parens::Key(key))] }),
        call.prop_filter("one value alone is a key", |(_, arguments)| {
            arguments.len() != 1 || arguments.iter().all(|argument| argument.name.is_some())
        })
        .prop_map(|(name, arguments)| vec![Step::Call { name, arguments }]),
        of(lambda.clone()).prop_map(|lambda| vec![Step::Any(lambda)]),
        lambda.prop_map(|lambda| vec![Step::All(lambda)]),
        filtered,
        of(options).prop_map(|options| vec![Step::Count(options)]),
        name().prop_map(|name| vec![Step::Annotation(name)]),
    ]
    .boxed()
}

fn opt<T>(value: T) -> Opt<T> {
    Opt {
        text: Arc::from(""),
        value,
    }
}

/// Two nodes or more; a `List` outside of `in` has at least one that is no JSON.
fn mixed_items(inner: impl Strategy<Value = Node>) -> impl Strategy<Value = Vec<Node>> {
    (plain_path().prop_map(At::made), vec(inner, 0..2))
        .prop_map(|(first, others)| std::iter::once(first).chain(others).collect())
}

fn expression() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        4 => literal().prop_map(Expr::Literal),
        1 => word().prop_map(Expr::Alias),
        4 => plain_path(),
        1 => json().prop_map(Expr::Json),
        1 => Just(path(Head::It, Vec::new())),
    ];
    leaf.prop_map(At::made)
        .boxed()
        .prop_recursive(3, 16, 3, |inner| {
            let boxed = inner.clone().prop_map(Box::new);
            let logical = prop::sample::select(vec![LogicalOperator::And, LogicalOperator::Or]);
            let unary = prop::sample::select(vec![UnaryOperator::Not, UnaryOperator::Negate]);
            let literals = vec(
                literal().prop_map(|value| At::made(Expr::Literal(value))),
                0..3,
            );
            let list = prop_oneof![
                literals.prop_map(Expr::List),
                mixed_items(inner.clone()).prop_map(Expr::List),
                plain_path(),
            ];
            prop_oneof![
                (name(), arguments(inner.clone())).prop_map(|(name, arguments)| Expr::Call {
                    name: At::made(name),
                    arguments
                }),
                (unary, boxed.clone())
                    .prop_map(|(operator, operand)| Expr::Unary { operator, operand }),
                (logical, vec(inner.clone(), 2..4))
                    .prop_map(|(operator, operands)| Expr::Logical { operator, operands }),
                (binary_operator(), boxed.clone(), boxed.clone()).prop_map(
                    |(operator, left, right)| {
                        Expr::Binary {
                            operator: At::made(operator),
                            left,
                            right,
                        }
                    }
                ),
                (boxed, list).prop_map(|(left, list)| Expr::In {
                    left,
                    list: Box::new(At::made(list))
                }),
                mixed_items(inner.clone()).prop_map(Expr::List),
                (plain_path(), inner.clone()).prop_map(|(first, second)| {
                    Expr::Object(vec![
                        ("a\"b".to_owned(), At::made(first)),
                        (String::new(), second),
                    ])
                }),
                vec((inner.clone(), inner.clone()), 1..3).prop_map(Expr::Case),
                (name(), step(inner)).prop_map(|(first, steps)| {
                    let steps = std::iter::once(Step::Name(first)).chain(steps).collect();
                    path(Head::Root, steps)
                }),
            ]
            .prop_map(At::made)
            .boxed()
        })
}

fn search() -> BoxedStrategy<SearchExpr> {
    let leaf = prop_oneof![
        "[a-z$][a-z'*,.]{0,4}".prop_map(SearchExpr::Word),
        "[ -~я]{0,6}".prop_map(SearchExpr::Phrase),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = || vec(inner.clone().prop_map(At::made), 2..4);
        prop_oneof![
            inner
                .clone()
                .prop_map(|inner| SearchExpr::Not(Box::new(At::made(inner)))),
            many().prop_map(SearchExpr::And),
            many().prop_map(SearchExpr::Or),
        ]
    })
    .boxed()
}

fn order_items() -> BoxedStrategy<Vec<OrderItem>> {
    let order = (expression(), any::<bool>()).prop_map(|(expression, descending)| OrderItem {
        expression,
        descending,
    });
    vec(order, 1..3).boxed()
}

fn compute_items() -> BoxedStrategy<Vec<ComputeItem>> {
    let compute = (expression(), word()).prop_map(|(expression, name)| ComputeItem {
        expression,
        name: At::made(name),
    });
    vec(compute, 1..3).boxed()
}

/// The items of `aggregate`.
fn aggregates() -> BoxedStrategy<Vec<AggregateItem>> {
    let method = || of(name().prop_map(At::made));
    let from = (expression(), method()).prop_map(|(by, method)| AggregateFrom { by, method });
    let expression = expression().prop_map(AggregateOf::Expression);
    let of_what = prop_oneof![Just(AggregateOf::Count), expression];
    let item = (
        of_what,
        method(),
        vec(from, 0..2),
        of(word().prop_map(At::made)),
    )
        .prop_map(|(of, method, from, name)| AggregateItem {
            of,
            method,
            from,
            name,
        });
    vec(item, 1..3).boxed()
}

/// `$apply`.
fn pipeline() -> BoxedStrategy<Pipeline> {
    let pick = prop::sample::select(Pick::ALL.to_vec());
    let leaf =
        prop_oneof![
            Just(Transformation::Identity),
            expression().prop_map(Transformation::Filter),
            search().prop_map(|found| Transformation::Search(At::made(found))),
            compute_items().prop_map(Transformation::Compute),
            order_items().prop_map(Transformation::OrderBy),
            any::<u64>().prop_map(|n| Transformation::Skip(At::made(n))),
            any::<u64>().prop_map(|n| Transformation::Top(At::made(n))),
            (pick, expression(), expression())
                .prop_map(|(method, amount, by)| Transformation::Pick { method, amount, by }),
            aggregates().prop_map(Transformation::Aggregate),
            ("Ns", word(), "[a-z,/]{0,5}(\\([a-z]{0,3}\\))?").prop_map(
                |(namespace, name, arguments)| Transformation::Other {
                    name: Name { namespace, name },
                    arguments,
                }
            ),
        ]
        .boxed();
    let all = leaf.prop_recursive(2, 8, 3, |inner| {
        let many = || vec(inner.clone().prop_map(At::made), 0..3);
        let key = prop_oneof![
            vec(name().prop_map(Step::Name).prop_map(At::made), 1..3).prop_map(|steps| {
                let head = Head::Implicit;
                GroupKey::Path(Path { head, steps })
            }),
            (
                "[a-z,]{0,4}",
                prop::sample::select(vec!["rollup", "rolluprecursive"])
            )
                .prop_map(|(arguments, word)| GroupKey::Rollup { word, arguments }),
        ];
        let some = vec(inner.clone().prop_map(At::made), 1..3);
        prop_oneof![
            (vec(key.prop_map(At::made), 1..3), many())
                .prop_map(|(keys, then)| Transformation::GroupBy { keys, then }),
            vec(some, 2..4).prop_map(Transformation::Concat),
        ]
    });
    vec(all.prop_map(At::made), 1..4).boxed()
}

/// The options that may stand in parentheses after an item of `$expand`.
fn nested(deeper: u8) -> BoxedStrategy<QueryOptions> {
    let expand = if deeper == 0 {
        Just(None).boxed()
    } else {
        of(expand(deeper - 1)).boxed()
    };
    let levels = prop_oneof![Just(Levels::Max), (1_u64..9).prop_map(Levels::Number)];
    let first = (
        of(expression()),
        of(order_items()),
        of(compute_items()),
        of((search(), of(pipeline()))),
    );
    let second = (
        of(any::<u64>()),
        of(any::<u64>()),
        of(any::<bool>()),
        of(levels),
        expand,
    );
    (first, second)
        .prop_map(
            |((filter, orderby, compute, search), (top, skip, count, levels, expand))| {
                let apply = search.as_ref().and_then(|(_, apply)| apply.clone());
                let search = search.map(|(search, _)| search);
                QueryOptions {
                    apply: apply.map(opt),
                    filter: filter.map(opt),
                    orderby: orderby.map(opt),
                    compute: compute.map(opt),
                    search: search.map(|search| opt(At::made(search))),
                    top: top.map(|top| opt(At::made(top))),
                    skip: skip.map(|skip| opt(At::made(skip))),
                    count: count.map(|count| opt(At::made(count))),
                    levels: levels.map(|levels| opt(At::made(levels))),
                    expand: expand.map(opt),
                    ..QueryOptions::default()
                }
            },
        )
        .prop_filter("parentheses hold something", |options| {
            *options != QueryOptions::default()
        })
        .boxed()
}

fn expand(deeper: u8) -> BoxedStrategy<Vec<At<ExpandItem>>> {
    let suffix = prop::sample::select(vec![
        ExpandSuffix::None,
        ExpandSuffix::Ref,
        ExpandSuffix::Count,
    ]);
    let plain =
        (vec(name().prop_map(At::made), 1..3), suffix).prop_map(|(steps, suffix)| ExpandItem {
            target: ExpandTarget::Path(steps),
            suffix,
            options: None,
        });
    let full =
        (vec(name().prop_map(At::made), 1..3), nested(deeper)).prop_map(|(steps, options)| {
            ExpandItem {
                target: ExpandTarget::Path(steps),
                suffix: ExpandSuffix::None,
                options: Some(Box::new(options)),
            }
        });
    let star =
        prop::sample::select(vec![ExpandTarget::Star, ExpandTarget::Value]).prop_map(|target| {
            ExpandItem {
                target,
                suffix: ExpandSuffix::None,
                options: None,
            }
        });
    vec(prop_oneof![plain, full, star].prop_map(At::made), 1..3).boxed()
}

fn select() -> BoxedStrategy<Vec<At<SelectItem>>> {
    let steps = || vec(name().prop_map(At::made), 1..3);
    let item = prop_oneof![
        Just(SelectItem::Star),
        Just(SelectItem::Default),
        Just(SelectItem::Operations("Ns.Sub".to_owned())),
        steps().prop_map(|steps| SelectItem::Path {
            steps,
            options: None
        }),
        (steps(), vec(word().prop_map(At::made), 1..3))
            .prop_map(|(steps, parameters)| SelectItem::Function { steps, parameters }),
    ];
    vec(item.prop_map(At::made), 1..4).boxed()
}

fn options() -> impl Strategy<Value = QueryOptions> {
    let text = || of("[!-~я]{1,8}".prop_map(|text| opt(At::made(text))));
    let alias = vec((word(), expression().prop_map(opt)), 0..2);
    let custom = vec(("[!-#%->A-Z=&я]{1,3}zz", "[ -~я]{0,5}"), 0..2);
    let version = of("\\*|[A-Za-z0-9._~-]{1,8}".prop_map(|text| opt(At::made(text))));
    let texts = (text(), text(), text(), version, text());
    let rest = (of(select()), of(any::<i64>()), alias, custom);
    (nested(1), texts, rest).prop_map(|(mut options, texts, (select, index, aliases, custom))| {
        options.levels = None;
        options.select = select.map(opt);
        options.index = index.map(|index| opt(At::made(index)));
        let QueryOptions {
            skiptoken,
            deltatoken,
            format,
            schemaversion,
            id,
            ..
        } = &mut options;
        (*skiptoken, *deltatoken, *format, *schemaversion, *id) = texts;
        options.aliases = aliases;
        options.aliases.dedup_by(|one, two| one.0 == two.0);
        options.custom = custom;
        options
    })
}

fn segments() -> impl Strategy<Value = Vec<Segment>> {
    let key = || literal().prop_map(|value| At::made(Expr::Literal(value)));
    let parens = prop_oneof![
        Just(Parens::Empty),
        key().prop_map(Parens::Key),
        vec((word().prop_map(At::made), key()), 1..3).prop_map(Parens::Named),
    ];
    let first = (simple_name(), of(parens.clone()))
        .prop_map(|(name, parens)| Segment::Name { name, parens });
    let next = prop_oneof![
        (name(), of(parens)).prop_map(|(name, parens)| Segment::Name { name, parens }),
        "[0-9][*-~я ]{0,4}".prop_map(Segment::Text),
        Just(Segment::Each),
        expression().prop_map(Segment::Filter),
    ];
    let last = prop::sample::select(vec![Segment::Count, Segment::Value, Segment::Ref]);
    (first, vec(next, 0..3), of(last))
        .prop_map(|(first, next, last)| std::iter::once(first).chain(next).chain(last).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_expression_reads_as_itself(node in expression()) {
        let text = print_expression(&node);
        let read = parse_expression(&text, &Limits::default());
        prop_assert_eq!(read.map_err(|problem| format!("{problem:?}")), Ok(node), "{}", text);
    }

    #[test]
    fn a_printed_request_reads_as_itself(segments in segments(), options in options()) {
        let path = ResourcePath { segments: segments.into_iter().map(At::made).collect() };
        let request = Request { path_text: String::new(), path, options };
        let text = print_request(&request);
        let (path, query) = text.split_once('?').unwrap_or((&text, ""));
        let read = parse_request(path, query, &Limits::default());
        let read = read.map(|read| (read.path, read.options));
        let wanted = (request.path, request.options);
        prop_assert_eq!(read.map_err(|problem| format!("{problem:?}")), Ok(wanted), "{}", text);
    }

    #[test]
    fn printing_what_was_printed_changes_nothing(text in "[A-Ca-c0-9 ()',/=$@:eqandornti.-]{0,40}") {
        if let Ok(node) = parse_expression(&text, &Limits::default()) {
            let printed = print_expression(&node);
            let again = parse_expression(&printed, &Limits::default());
            let again = again.map(|node| print_expression(&node));
            prop_assert_eq!(again.map_err(|problem| format!("{problem:?}")), Ok(printed), "{}", text);
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), bytes in vec(any::<u8>(), 0..60)) {
        let limits = Limits::default();
        for text in [text.as_str(), &String::from_utf8_lossy(&bytes)] {
            for problem in [
                parse_expression(text, &limits).err(),
                parse_query(text, &limits).err(),
                parse_query(&format!("$expand=A({text}"), &limits).err(),
                parse_query(&format!("$search={text}"), &limits).err(),
                parse_query(&format!("$apply={text}"), &limits).err(),
                parse_query(&format!("$apply=groupby(({text}"), &limits).err(),
                parse_path(text, &limits).err(),
            ] {
                // Drawing the caret must not panic either.
                let _drawn = problem.and_then(|problem| problem.caret());
            }
        }
    }
}

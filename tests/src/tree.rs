//! A subscriber of `tracing` that keeps the tree of spans and events.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_core::span::Current;

/// A subscriber of the spans and events of calls, for one thread.
#[derive(Clone)]
pub struct Tree {
    level: Level,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// All spans and events, in the order in which they began. The id of one is its index and one.
    nodes: Vec<Node>,
    /// The spans that are entered.
    entered: Vec<u64>,
}

/// A span, or an event.
#[derive(Clone, Debug)]
pub struct Node {
    /// The level of an event; `None` for a span.
    pub event: Option<Level>,
    /// The name of a span; the message of an event.
    pub name: String,
    /// The fields with a value.
    pub fields: BTreeMap<&'static str, String>,
    /// The fields of a span that can have a value.
    pub declared: Vec<&'static str>,
    parent: Option<u64>,
    metadata: &'static Metadata<'static>,
}

impl Node {
    /// The value of a field, or an empty text.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value)
    }
}

impl Tree {
    /// A tree of all that has this level or a higher one.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self { level, state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All spans and events of calls, in the order in which they began.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        self.state().nodes.clone()
    }

    /// The spans of calls whose name this is.
    #[must_use]
    pub fn spans(&self, name: &str) -> Vec<Node> {
        self.nodes().into_iter().filter(|node| node.event.is_none() && node.name == name).collect()
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> Vec<Node> {
        self.nodes().into_iter().filter(|node| node.event.is_some()).collect()
    }

    /// Everything as text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:?}", self.nodes())
    }

    /// The tree as text: a line for each span with its `otel.name` and the fields of `shown`, and for each event with its level and message.
    #[must_use]
    pub fn drawn(&self, shown: &[&str]) -> String {
        let mut text = String::new();
        draw(&self.nodes(), None, 0, shown, &mut text);
        text
    }
}

fn draw(nodes: &[Node], parent: Option<u64>, depth: usize, shown: &[&str], text: &mut String) {
    for (node, id) in nodes.iter().zip(1..).filter(|(node, _)| node.parent == parent) {
        let name = match node.event {
            Some(level) => format!("{level} {}", node.name),
            None => node.field("otel.name").to_owned(),
        };
        let _ = write!(text, "{}{name}", "  ".repeat(depth));
        for name in shown {
            if let Some(value) = node.fields.get(name) {
                let _ = write!(text, " {name}={value}");
            }
        }
        text.push('\n');
        draw(nodes, Some(id), depth + 1, shown, text);
    }
}

/// Collects the values of fields.
struct Values<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Values<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl State {
    fn add(&mut self, mut node: Node, fields: impl FnOnce(&mut Values<'_>)) -> u64 {
        fields(&mut Values(&mut node.fields));
        if node.event.is_some() {
            node.name = node.fields.remove("message").unwrap_or_default();
        }
        self.nodes.push(node);
        self.nodes.len() as u64
    }

    fn node(&self, metadata: &'static Metadata<'static>, parent: Option<&Id>, is_contextual: bool) -> Node {
        Node {
            event: metadata.is_event().then(|| *metadata.level()),
            name: metadata.name().to_owned(),
            fields: BTreeMap::new(),
            declared: metadata.fields().iter().map(|field| field.name()).collect(),
            parent: parent.map(Id::into_u64).or(self.entered.last().copied().filter(|_| is_contextual)),
            metadata,
        }
    }
}

impl Subscriber for Tree {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with("apisession")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut state = self.state();
        let node = state.node(attributes.metadata(), attributes.parent(), attributes.is_contextual());
        Id::from_u64(state.add(node, |values| attributes.record(values)))
    }

    fn record(&self, id: &Id, record: &Record<'_>) {
        if let Some(node) = self.state().nodes.get_mut(id.into_u64() as usize - 1) {
            record.record(&mut Values(&mut node.fields));
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut state = self.state();
        let node = state.node(event.metadata(), event.parent(), event.is_contextual());
        state.add(node, |values| event.record(values));
    }

    fn enter(&self, id: &Id) {
        self.state().entered.push(id.into_u64());
    }

    fn exit(&self, id: &Id) {
        let mut state = self.state();
        if let Some(at) = state.entered.iter().rposition(|entered| *entered == id.into_u64()) {
            state.entered.remove(at);
        }
    }

    fn current_span(&self) -> Current {
        let state = self.state();
        match state.entered.last() {
            Some(id) => Current::new(Id::from_u64(*id), state.nodes[*id as usize - 1].metadata),
            None => Current::none(),
        }
    }
}

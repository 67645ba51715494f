//! What an operator reads: one line for each call, and for what happens in between.

use std::fmt;

use apisession::Environment;
use calendar::server::Server;
use calendar::{Acme, Login, NewEvent};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

/// Makes calls that succeed, are retried, sign in again, and fail, and prints what is logged of them.
pub(crate) async fn trace(server: &Server) -> apisession::Result<()> {
    // A collector gets all attributes of a span. A line has its name, which includes the operation.
    let fields = debug_fn(|writer, field, value| match field.name() {
        "otel.name" | "message" => write!(writer, "{value:?}"),
        "operation" => Ok(()),
        name if name.contains('.') => Ok(()),
        name => write!(writer, " {name}={value:?}"),
    });
    let lines = layer().event_format(Lines).fmt_fields(fields).with_writer(std::io::stdout);
    let calls = Targets::new().with_target("apisession", Level::DEBUG);
    let subscriber = tracing_subscriber::registry().with(calls).with(lines);
    tracing::subscriber::set_global_default(subscriber).map_err(apisession::Error::other)?;

    let nobody = Environment::of::<&str, &str>([]);
    let login = Some(Login::new("ana", "correct horse"));
    let api = Acme::builder().login(login).environment(nobody).base_url(server.base_url()).build()?;
    let standup = NewEvent { title: "Standup".to_owned(), starts: "2026-12-01".to_owned() };
    let event = api.events().create(&standup).await?;
    server.overload();
    api.events().list().since("2026-12-01").limit(10).await?;
    server.revoke_all();
    api.events().get(event.id).await?;
    // Both calls get a 404. For the first one it is a value.
    api.events().find(999).await?;
    let _ = api.events().get(999).await;
    api.close().await
}

/// An event on one line: its level, the names of the spans that it is in, and its fields.
struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "{:<6}", event.metadata().level())?;
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            let name = extensions.get::<FormattedFields<N>>().map(|fields| fields.fields.trim());
            write!(writer, "{}: ", name.unwrap_or_default().trim_matches('"'))?;
        }
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

//! Generates the code for each operation: a method that returns a call, and a constant that describes the operation.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ItemImpl, Type, parse_quote};

use super::describe::{self, declaration};
use super::graphql::{self, GraphQl};
use super::item::Item;
use super::page::Pages;
use super::parameter::{Parameter, Place, Style};
use super::parse::{Declared, Graft, Operation, Verb, output, verb_of};
use super::write::{encoded, value, write};
use crate::mistakes::Mistakes;
use crate::names;
use crate::session;
use crate::template::Template;
use crate::types::{ungrouped, written};

pub(super) fn expand(
    krate: &TokenStream,
    head: &ItemImpl,
    items: &[Item],
    mistakes: Mistakes,
) -> TokenStream {
    let mut mistakes = mistakes;
    let mut inside = TokenStream::new();
    let mut constants = TokenStream::new();
    let mut beside = TokenStream::new();
    let mut table = Table::default();
    let owner = &head.self_ty;
    let name = written(owner);
    let place = owner.span();
    let writers: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            Item::Operation(declared, operation) => {
                Some(Writer::new(krate, declared, operation, &name, place))
            }
            _ => None,
        })
        .collect();
    table.decoded = writers.iter().filter_map(|writer| writer.decoded.clone()).collect();
    let mut writers = writers.into_iter();
    for item in items {
        let method = match item {
            Item::Operation(..) => {
                // There is one for each operation.
                let Some(writer) = writers.next() else { continue };
                beside.extend(writer.setters());
                constants.extend(writer.declaration(&mut table));
                writer.method()
            }
            Item::Graft(declared, graft) => {
                table.grafts.push(listed(krate, declared, graft));
                grafting(krate, declared, graft, place)
            }
            Item::Mistaken(declared, own) => {
                mistakes.extend(own);
                fallback(declared)
            }
            Item::Plain(_, tokens) | Item::Otherwise(tokens) => tokens.clone(),
            Item::Broken(own) => {
                mistakes.extend(own);
                TokenStream::new()
            }
        };
        match item.name().filter(|name| session::is_method(name)) {
            Some(name) => beside.extend(unless_session(krate, head, name, &method)),
            None => inside.extend(method),
        }
    }
    let ItemImpl { attrs, generics, .. } = head;
    let (operations, list) = (table.operations(krate), table.list(krate));
    // To declare the operations of a deprecated endpoint is not to use it. What the author writes in a body may be.
    let is_generated = !items.iter().any(|item| matches!(item, Item::Plain(..)));
    let allowed = is_generated.then(|| quote!(#[allow(deprecated)]));
    // Behind the methods, where documentation lists them last.
    let constants = (!constants.is_empty()).then(|| {
        quote! {
            #[allow(deprecated)]
            impl #generics #owner {
                #constants
            }
        }
    });
    quote! {
        #mistakes

        #(#attrs)*
        #allowed
        impl #generics #owner {
            #inside
        }

        #constants

        #[doc(hidden)]
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::OneEndpointImplPerType for #owner {
            #operations
            #list
        }

        #beside
    }
}

/// Generates an impl for a method that has the name of a method of sessions. On a session the bound fails with a message, and
/// since the impl then doesn't hold, rustc doesn't report two methods of one name.
fn unless_session(krate: &TokenStream, head: &ItemImpl, name: &Ident, method: &TokenStream) -> TokenStream {
    let ItemImpl { attrs, self_ty: owner, .. } = head;
    let bound = quote!(#owner: #krate::__private::HasNoMethodsOfSessions);
    // The span makes the compiler underline the name, not the macro.
    let bound = bound.into_iter().map(|mut token| {
        token.set_span(name.span());
        token
    });
    quote! {
        #(#attrs)*
        #[cfg(not(doc))]
        #[allow(deprecated)]
        impl #owner where #(#bound)* {
            #method
        }

        // The bound is not for readers.
        #(#attrs)*
        #[cfg(doc)]
        impl #owner {
            #method
        }
    }
}

/// Generates an operation that has mistakes: its signature is kept, so that its callers compile.
fn fallback(declared: &Declared) -> TokenStream {
    let Declared { attrs, vis, sig } = declared;
    let attrs = attrs.iter().filter(|attribute| verb_of(attribute).is_none());
    let mut sig = sig.clone();
    sig.asyncness = None;
    for input in &mut sig.inputs {
        if let FnArg::Typed(typed) = input {
            typed.attrs.retain(|attribute| attribute.path().is_ident("cfg"));
            typed.pat = parse_quote!(_);
        }
    }
    quote! {
        #(#attrs)*
        #vis #sig {
            ::core::unreachable!()
        }
    }
}

/// What the operations of an impl share: one table, and one decode function for each type that a response is decoded
/// as.
#[derive(Default)]
struct Table {
    rows: Vec<TokenStream>,
    /// The rows with a `cfg`. They are the last rows, so that the indices of the others are fixed.
    gated: Vec<TokenStream>,
    /// The grafts, as code that lists the operations behind them.
    grafts: Vec<TokenStream>,
    /// What decodes the response of each operation that can share it.
    decoded: Vec<String>,
    /// What is decoded by several, each with the fn that makes their constants.
    makers: Vec<(String, Ident)>,
    /// The types that rows have in common: the text of each, and its value.
    types: Vec<(String, TokenStream)>,
}

impl Table {
    /// Generates the constant of the rows, if there are any. Without types there are only those with a `cfg`, which have types of
    /// their own.
    fn operations(&self, krate: &TokenStream) -> Option<TokenStream> {
        let mut rows = self.rows.iter().chain(&self.gated).peekable();
        rows.peek()?;
        let types = self.types.iter().map(|(_, types)| types);
        let rows = match self.types.as_slice() {
            [] => quote!(&[#(#rows),*]),
            // Of variables, so that it is no constant of its own, which a check would evaluate with all its rows. What can be wrong in a
            // row is a constant in it.
            _ => quote! {
                let rows = [#(#rows),*];
                let types = [#(#types),*];
                &#krate::__private::Declaration::table(rows, types)
            },
        };
        let rows = probing(krate, &rows);
        Some(quote!(const OPERATIONS: &'static [#krate::__private::Declaration] = #rows;))
    }

    /// Whether several operations are decoded in this way.
    fn is_shared(&self, decoded: &str) -> bool {
        self.decoded.iter().filter(|other| *other == decoded).nth(1).is_some()
    }

    /// The fn that makes the constants of operations that are decoded in this way, and whether it is new: that of `first`.
    fn maker(&mut self, decoded: &str, first: &Ident) -> (Ident, bool) {
        if let Some((_, maker)) = self.makers.iter().find(|(other, _)| *other == decoded) {
            return (maker.clone(), false);
        }
        let maker = format_ident!("__like_{}", first.unraw());
        self.makers.push((decoded.to_owned(), maker.clone()));
        (maker, true)
    }

    /// The index of types that are in the table.
    fn types(&mut self, writer: &Writer<'_>) -> usize {
        self.types.iter().position(|(other, _)| *other == writer.types).unwrap_or_else(|| {
            self.types.push((writer.types.clone(), writer.types()));
            self.types.len() - 1
        })
    }

    /// Generates the fn that lists the operations, if there is more to list than the table.
    fn list(&self, krate: &TokenStream) -> Option<TokenStream> {
        let grafts = &self.grafts;
        (!grafts.is_empty()).then(|| {
            quote! {
                fn list(routes: &mut #krate::__private::Routes) {
                    routes.operations(<Self as #krate::__private::OneEndpointImplPerType>::OPERATIONS);
                    #(#grafts)*
                }
            }
        })
    }
}

/// Generates a value that asks types what is known of them.
fn probing(krate: &TokenStream, value: &TokenStream) -> TokenStream {
    quote!({
        use #krate::__private::{AcceptsJson as _, NoTypedError as _, Unknown as _};
        #value
    })
}

/// Generates the method of a graft, which returns its endpoint.
fn grafting(krate: &TokenStream, declared: &Declared, graft: &Graft, place: Span) -> TokenStream {
    let Declared { attrs, vis, sig } = declared;
    let Graft { template, endpoint, .. } = graft;
    let name = &sig.ident;
    let inputs = graft.parameters.iter().map(input);
    let segments = segments(krate, template, &graft.parameters);
    let path = template.to_string();
    // The span makes a type that is no endpoint be underlined where the author wrote it.
    let this = Ident::new("self", Span::call_site().located_at(place));
    quote! {
        #(#attrs)*
        #[must_use]
        #vis fn #name(&self, #(#inputs),*) -> #endpoint {
            let handle = #krate::__private::Branch::new(#this, #path) #segments .handle();
            <#endpoint as #krate::__private::Endpoint>::graft(&handle)
        }
    }
}

/// Generates the argument for a parameter.
fn input(parameter: &Parameter) -> TokenStream {
    let Parameter { gates, lints, ident, ty, .. } = parameter;
    quote!(#(#gates)* #(#lints)* #ident: #ty)
}

/// Generates the code that lists the operations behind a graft.
fn listed(krate: &TokenStream, declared: &Declared, graft: &Graft) -> TokenStream {
    let gates = declared.gates();
    let Graft { template, endpoint, .. } = graft;
    let path = template.to_string();
    let text = describe::graft(declared, graft);
    let facts = describe::facts(krate, describe::sure(graft)).map(|facts| probing(krate, &facts));
    let facts = facts.map_or_else(|| quote!(&[]), |facts| quote!(const #facts));
    let list = quote!(<#endpoint as #krate::__private::Endpoint>::list_at_path);
    quote!(#(#gates)* routes.graft(#path, #text, #facts, #list);)
}

/// Generates the values of the path, in the order of the template.
fn segments(krate: &TokenStream, template: &Template, parameters: &[Parameter]) -> TokenStream {
    let segments = template.parameters().filter_map(|name| {
        let is_segment = |parameter: &&Parameter| parameter.place == Place::Path && parameter.wire == name;
        let parameter = parameters.iter().find(is_segment)?;
        let value = value(krate, parameter);
        Some(match (&parameter.empty_segments, parameter.style.list) {
            (Some(_), _) => quote!(.path_with_empty(#value)),
            (None, Some(_)) => quote!(.path_list(#value)),
            (None, None) => quote!(.path(#value)),
        })
    });
    quote!(#(#segments)*)
}

/// The row of an operation.
enum Row {
    /// That of the table with this index.
    Listed(usize),
    /// One of its own, which is perhaps not there: a fn that returns it, and its index.
    Own(TokenStream),
}

struct Writer<'a> {
    krate: &'a TokenStream,
    declared: &'a Declared,
    operation: &'a Operation,
    owner: &'a str,
    /// The span of the endpoint's type.
    place: Span,
    /// The type that is asked for what a response is.
    asked: TokenStream,
    /// A text that operations have in common whose types are the same.
    types: String,
    /// A text that operations have in common which are decoded in the same way; `None` if this one is decoded in a way of its own.
    decoded: Option<String>,
}

impl<'a> Writer<'a> {
    fn new(
        krate: &'a TokenStream,
        declared: &'a Declared,
        operation: &'a Operation,
        owner: &'a str,
        place: Span,
    ) -> Self {
        let Operation { verb, response, error, .. } = operation;
        let asked = match operation.pages() {
            // A page is read to its places, whatever its items are.
            Some(pages) if pages.is_xml() => quote!(#krate::Xml<()>),
            Some(_) => quote!(#krate::Page<()>),
            // The response that starts a job is JSON, whatever its result is.
            None if operation.polls().is_some_and(|polls| !polls.is_wait()) => quote!(#krate::Job<()>),
            None => response.to_token_stream(),
        };
        let types = format!("{asked}\n{}", error.to_token_stream());
        let is_plain = declared.gates().is_empty()
            && verb.stream.is_none()
            && verb.graphql.is_none()
            && operation.pages().is_none()
            && operation.polls().is_none();
        let decoded = is_plain.then(|| match &verb.value {
            Some(place) => format!("{types}\n{}", place.value()),
            None => types.clone(),
        });
        Self { krate, declared, operation, owner, place, asked, types, decoded }
    }

    /// Generates the method.
    fn method(&self) -> TokenStream {
        let Declared { attrs, vis, sig } = self.declared;
        let Operation { verb: Verb { method, at, .. }, template, .. } = self.operation;
        let name = &sig.ident;
        let path = template.to_string();
        let request = match (path.as_str(), at) {
            (_, Some(at)) => {
                format!("Sends `{method}` to the URL `{}`, which the server gave.", at.unraw())
            }
            ("", None) => format!("Sends `{method}` to the path of [`{}`].", self.owner),
            (path, None) => format!("Sends `{method} {path}`, relative to [`{}`].", self.owner),
        };
        let request = after_docs(attrs.iter().any(is_doc), &request);
        let (inputs, output, body) = (self.inputs(), self.output(), self.body());
        // The method names the constant and the type with setters, which are deprecated by attributes of their own.
        let allowed = (!self.declared.deprecated().is_empty()).then(|| quote!(#[allow(deprecated)]));
        quote! {
            #(#attrs)*
            #allowed
            #request
            #vis fn #name(&self, #inputs) -> #output {
                #body
            }
        }
    }

    /// Generates the constant that describes the operation. If several operations have all but their row in common, a fn makes their
    /// constants, since the value of each constant costs rustc more than a call.
    fn declaration(&self, table: &mut Table) -> TokenStream {
        let Declared { vis, sig, .. } = self.declared;
        let Operation { response, error, .. } = self.operation;
        let Self { krate, .. } = self;
        let name = &sig.ident;
        let constant = self.constant();
        let is_paged = self.operation.pages().is_some();
        let response = if is_paged { quote!(#krate::Page<#response>) } else { quote!(#response) };
        let (gates, deprecated) = (self.gates(), self.declared.deprecated());
        let about = format!("Describes the operation [`{name}`](Self::{name}).");
        let errors = error.iter();
        let ty = quote!(#krate::Op<#response #(, #errors)*>);
        let error = error.iter();
        let fails = quote!(#(#krate::__private::fails_with::<#error>();)*);
        let shared = self.decoded.as_deref().filter(|decoded| table.is_shared(decoded));
        let (maker, value) = match (self.row(table), shared) {
            (Row::Listed(index), Some(decoded)) => {
                let (maker, is_new) = table.maker(decoded, name);
                let made = is_new.then(|| {
                    let op = self.op(&self.listed(&quote!(index)));
                    quote! {
                        #[doc(hidden)]
                        const fn #maker(index: usize) -> #ty {
                            #fails
                            #op
                        }
                    }
                });
                (made, quote!(Self::#maker(#index)))
            }
            (row, _) => {
                let row = match row {
                    Row::Listed(index) => self.listed(&index),
                    Row::Own(row) => row,
                };
                let op = self.op(&row);
                (None, quote!({ #fails #op }))
            }
        };
        quote! {
            #maker

            #(#gates)*
            #(#deprecated)*
            #[doc = #about]
            #vis const #constant: #ty = #value;
        }
    }

    /// Adds the row of the operation to the table.
    fn row(&self, table: &mut Table) -> Row {
        let (krate, gates) = (self.krate, self.gates());
        if gates.is_empty() {
            let index = table.rows.len();
            let types = table.types(self);
            table.rows.push(self.description(types));
            return Row::Listed(index);
        }
        let (description, types) = (self.description(0), self.types());
        let description = quote!(#description.with_types(#types));
        table.gated.push(quote!(#(#gates)* #description));
        let description = probing(krate, &description);
        Row::Own(quote! {
            || {
                static __DECLARATION: #krate::__private::Declaration = #description;
                ::core::slice::from_ref(&__DECLARATION)
            },
            0
        })
    }

    /// Generates the table, and the index of a row in it.
    fn listed(&self, index: &impl ToTokens) -> TokenStream {
        let krate = self.krate;
        quote!(<Self as #krate::__private::OneEndpointImplPerType>::operations, #index)
    }

    /// Generates the value of the constant: the row with its decode function.
    fn op(&self, row: &TokenStream) -> TokenStream {
        let krate = self.krate;
        let response = &self.operation.response;
        if let Some(pages) = self.operation.pages() {
            return self.page_op(row, pages);
        }
        if let Some(graphql) = &self.operation.verb.graphql
            && !matches!(ungrouped(response), Type::Tuple(unit) if unit.elems.is_empty())
        {
            return self.graphql_op(row, graphql);
        }
        if let Some(result) = self.operation.polls().and_then(|polls| polls.result_operation()) {
            // The span makes an operation that returns another type be underlined.
            let constant = names::constant(result);
            return quote_spanned!(result.span()=> #krate::Op::like(#row, Self::#constant));
        }
        let Verb { stream, value: place, .. } = &self.operation.verb;
        let private = quote!(#krate::__private);
        // The span makes a type that can't be decoded be underlined where the author wrote it.
        let decode = quote_spanned!(response.span()=> decode);
        let value = match place {
            Some(place) => quote_spanned!(response.span()=> #private::value_at::<#response>(end, #place)),
            None => quote!((&&&#private::Probe::<#response>::new()).#decode(end)),
        };
        let value = match stream {
            Some(stream) => stream.applied_to(krate, response, &value),
            None => value,
        };
        quote! {
            fn decode(end: #krate::Result<#krate::Response>) -> #krate::Result<#response> {
                use #private::{ByNothing as _, ByResponse as _, BySerde as _};
                #value
            }
            #krate::Op::new(#row, decode)
        }
    }

    /// Generates the value of the constant of an operation of GraphQL.
    fn graphql_op(&self, row: &TokenStream, graphql: &GraphQl) -> TokenStream {
        let (krate, response, at) = (self.krate, &self.operation.response, graphql.data());
        // The span makes a type that can't be decoded be underlined where the author wrote it.
        let decode = quote_spanned!(response.span()=> #krate::__private::graphql::<#response>);
        quote! {
            fn decode(end: #krate::Result<#krate::Response>) -> #krate::Result<#response> {
                #decode(end, #at)
            }
            #krate::Op::new(#row, decode)
        }
    }

    /// Generates the value of the constant of an operation with pages.
    fn page_op(&self, row: &TokenStream, pages: &Pages) -> TokenStream {
        let (krate, response) = (self.krate, &self.operation.response);
        let private = quote!(#krate::__private);
        let layout = pages.layout(krate);
        // The span makes a type that can't be decoded be underlined where the author wrote it.
        let decode = quote_spanned!(response.span()=> #private::page::<#response>);
        quote! {
            fn decode(end: #krate::Result<#krate::Response>) -> #krate::Result<#krate::Page<#response>> {
                #decode(end, &#layout)
            }
            #krate::Op::new(#row, decode)
        }
    }

    /// Generates the type with the setters of the optional parameters, if there are any.
    fn setters(&self) -> Option<TokenStream> {
        self.operation.optional().next()?;
        let Declared { vis, sig, .. } = self.declared;
        let Operation { response, error, call, .. } = self.operation;
        let Self { krate, owner, .. } = self;
        let (gates, deprecated) = (self.gates(), self.declared.deprecated());
        let allowed = (!deprecated.is_empty()).then(|| quote!([deprecated]));
        let (what, kind, macro_name) = match (self.operation.pages(), self.operation.polls()) {
            (Some(_), _) => ("list", "OpenPager", quote!(open_pager)),
            (None, Some(_)) => ("job", "OpenPoller", quote!(open_poller)),
            (None, None) => ("call", "OpenCall", quote!(open_call)),
        };
        let path = krate.to_string().replace(' ', "");
        let path = path.trim_start_matches(':');
        let about = format!(
            "A {what} of [`{owner}::{}`], with setters for its optional parameters. Its options, such as `with_timeout`, are \
             those of an [`{kind}`]({path}::{kind}).",
            sig.ident
        );
        let error = error.as_ref().map_or_else(|| quote!(#krate::Error), |error| quote!(#error));
        let setters = self.operation.optional().map(|parameter| self.setter(parameter));
        Some(quote! {
            #(#gates)*
            #krate::__private::#macro_name! {
                { #[doc = #about] #(#deprecated)* } #vis #call(#response, #error) #allowed { #(#setters)* }
            }
        })
    }

    /// Generates the setter of an optional parameter.
    fn setter(&self, parameter: &Parameter) -> TokenStream {
        let krate = self.krate;
        let Parameter { docs, gates, lints, ident, wire, .. } = parameter;
        let given = parameter.given();
        let maybe = format_ident!("maybe_{}", ident.unraw());
        let sent = match parameter.place {
            Place::Body => "body".to_owned(),
            Place::Cookie => format!("cookie `{wire}`"),
            Place::Field => match graphql::shown(wire) {
                Some(variable) => format!("variable `{variable}`"),
                None => format!("field `{wire}`"),
            },
            Place::Form => "form".to_owned(),
            Place::Header => format!("header `{wire}`"),
            Place::Headers => "headers of this map".to_owned(),
            Place::Json => "JSON body".to_owned(),
            Place::Multipart => "multipart body".to_owned(),
            Place::Part => format!("part `{wire}` of the body"),
            Place::Path => format!("path parameter `{wire}`"),
            Place::Query => format!("query parameter `{wire}`"),
            Place::Url => "URL".to_owned(),
            Place::Xml => "XML body".to_owned(),
        };
        let mut about = format!("Sets the {sent}.");
        if let Some(default) = &parameter.default {
            about.push_str(&format!(" Default: `{}`.", written(default)));
        }
        let leaves = format!("Sets the {sent} if the value is `Some`; with `None` it stays unchanged.");
        let about = after_docs(!docs.is_empty(), &about);
        let write = write(krate, self.operation, parameter, &value(krate, parameter));
        // The macro has what is the same for every setter: rustc transcribes it faster than unoptimized code quotes it.
        quote!({ #(#gates)* #(#lints)* } { #(#docs)* #about } #maybe #leaves #ident(#ident: #given) [#given] { #write })
    }

    fn inputs(&self) -> TokenStream {
        let inputs = self.operation.required().map(input);
        quote!(#(#inputs),*)
    }

    fn output(&self) -> TokenStream {
        let call = &self.operation.call;
        match (self.operation.optional().next(), output(&self.declared.sig)) {
            (None, Some(output)) => quote!(#output),
            _ => quote!(#call),
        }
    }

    /// Generates the body of the method: path parameters in the order of the template, others in the order of
    /// declaration.
    fn body(&self) -> TokenStream {
        let Self { krate, operation, .. } = self;
        let constant = self.constant();
        let segments = segments(krate, &operation.template, &operation.parameters);
        let others = operation.required().filter(|parameter| parameter.place != Place::Path);
        let others = others
            .map(|parameter| (parameter, write(krate, self.operation, parameter, &value(krate, parameter))));
        let defaults = operation.optional().filter_map(|parameter| {
            let (ty, default) = (parameter.given(), parameter.default.as_ref()?);
            // A block, so that the type is asked of the default where it was written.
            let value = encoded(parameter, quote!(&{ let default: #ty = #default; default }));
            Some((parameter, write(krate, operation, parameter, &value)))
        });
        let writes: Vec<_> = others.chain(defaults).collect();
        // The span makes a type that is no endpoint be underlined where the author wrote it.
        let this = Ident::new("self", Span::call_site().located_at(self.place));
        let content = self.content();
        let start = quote!(Self::#constant.on(#this) #segments #content);
        let call = if writes.iter().any(|(parameter, _)| !parameter.gates.is_empty()) {
            let call = Ident::new("call", Span::mixed_site());
            let writes = writes
                .iter()
                .map(|(Parameter { gates, .. }, write)| quote!(#(#gates)* let #call = #call #write;));
            quote!({ let #call = #start; #(#writes)* #call })
        } else {
            let writes = writes.iter().map(|(_, write)| write);
            quote!(#start #(#writes)*)
        };
        let call = match operation.pages() {
            Some(pages) => pages.pager(krate, &call, operation),
            None => call,
        };
        let call = match operation.polls() {
            Some(polls) => {
                let polling = polls.polling(krate, &operation.response);
                quote!(#call.poller(#this, #polling))
            }
            None => call,
        };
        match operation.optional().next() {
            Some(_) => {
                let name = &operation.call;
                // As it was written, so that the author's import of `Call` is used.
                let output = output(&self.declared.sig);
                quote! {
                    let call: #output = #call;
                    call.open(#name)
                }
            }
            None => call,
        }
    }

    /// Generates the fields of the body that are the same in each call, or a body that may get no fields at all.
    fn content(&self) -> TokenStream {
        let Self { krate, operation, .. } = self;
        let constants = operation.verb.constants.iter().map(|(name, value)| {
            // The span makes a value that can't be encoded be underlined.
            let value = quote_spanned!(value.span()=> &#value);
            if operation.is_form() {
                let style = Style::default().expanded(krate);
                quote!(.form_field(#name, #value, #style))
            } else {
                quote!(.field(#name, #value))
            }
        });
        let mut fields =
            operation.parameters.iter().filter(|parameter| parameter.place == Place::Field).peekable();
        // A field with a `cfg` is perhaps not there.
        let is_sure = |field: &Parameter| field.optional.is_none() && field.gates.is_empty();
        let may_be_empty = fields.peek().is_some() && !fields.any(is_sure);
        let empty = (may_be_empty && operation.verb.constants.is_empty())
            .then(|| if operation.is_form() { quote!(.form_content()) } else { quote!(.object()) });
        quote!(#empty #(#constants)*)
    }

    /// Generates what the types of the response and the error tell of themselves.
    fn types(&self) -> TokenStream {
        let Self { krate, operation: Operation { error, .. }, asked, .. } = self;
        let private = quote!(#krate::__private);
        let errors = match error {
            Some(error) => quote!(#private::Probe::<#error>::CASES),
            None => quote!(""),
        };
        quote!(#private::Types::new(#private::Probe::<#asked>::ASKS, #errors))
    }

    /// Generates the row, whose types have this index in the table.
    fn description(&self, types: usize) -> TokenStream {
        let Self { krate, declared, operation, owner, .. } = self;
        let declaration = declaration(krate, owner, declared, operation, types);
        let verb = &operation.verb;
        let (settings, key, credential) = (self.settings(), verb.key.iter(), verb.credential.iter());
        let gzip = verb.gzip.as_ref().map(|key| {
            // The span makes the key be underlined in a build that can't compress.
            quote_spanned!(key.span()=> .with_gzip(const { #krate::__private::Gzip::required() }))
        });
        let below = verb.below.expand(krate).into_iter();
        let graphql = verb.graphql.as_ref();
        let graphql =
            graphql.map(|graphql| graphql.document(krate, &operation.parameters, operation.pages()));
        let mode = match operation.pages() {
            Some(_) => Some("Pages"),
            None if operation.polls().is_some() => Some("Poll"),
            None => describe::mode(verb.stream.as_ref(), &operation.response),
        };
        let mode = mode.map(|mode| {
            let mode = Ident::new(mode, Span::mixed_site());
            quote!(.with_mode(#krate::Mode::#mode))
        });
        quote! {
            #declaration #graphql #mode #(.with_idempotency_key(#key))* #(.with_credential(#credential))* #gzip #settings
                #(.with_below(|| #below))*
        }
    }

    /// Generates the settings of the operation, which are created by its first call.
    fn settings(&self) -> Option<TokenStream> {
        let Self { krate, operation, .. } = self;
        let settings = &operation.verb.settings;
        (!settings.is_empty()).then(|| {
            quote! {
                .with_settings(|| {
                    static __SETTINGS: ::std::sync::LazyLock<#krate::Settings> =
                        ::std::sync::LazyLock::new(|| #krate::Settings::new() #settings);
                    &__SETTINGS
                })
            }
        })
    }

    /// Returns the name of the constant: `GET` for `get`.
    fn constant(&self) -> Ident {
        self.declared.constant()
    }

    fn gates(&self) -> Vec<Attribute> {
        self.declared.gates()
    }
}

/// Generates a line of documentation, as a paragraph of its own if there are others before it.
fn after_docs(has_docs: bool, line: &str) -> TokenStream {
    let gap = has_docs.then(|| quote!(#[doc = ""]));
    quote!(#gap #[doc = #line])
}

fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

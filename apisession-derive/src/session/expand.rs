//! Generates the code for a session: its builder, its methods, the accessors of its endpoints, and the impls that the
//! framework needs.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::parse::{Field, Role, Session};
use crate::record::Record;

pub(super) fn expand(session: &Session<'_>) -> TokenStream {
    let mistakes = &session.mistakes;
    let parts = if session.sound {
        [session.root(), session.methods(), session.builder(), session.hooks()].to_vec()
    } else if session.generics.params.is_empty() {
        [session.fallback(), session.accessors(), session.hooks()].to_vec()
    } else {
        Vec::new()
    };
    quote!(#mistakes #(#parts)*)
}

impl Session<'_> {
    /// Generates the impls that give the framework access to the struct.
    fn root(&self) -> TokenStream {
        let Self { krate, ident, .. } = self;
        let private = quote!(#krate::__private);
        let held = self.of(Role::Session).map(|field| field.ident);
        let state = self.state().map(|field| field.ident);
        let (assembled, base_url) = (self.assembled(), self.base_url());
        let endpoints = self.of(Role::Endpoint).map(|field| field.ty);
        let text = self.text();
        let values = self.values.iter().map(|(name, value)| quote!(.with(#name, #value)));
        let values = quote!(#(#values)*);
        quote! {
            #[doc(hidden)]
            #[automatically_derived]
            #[allow(deprecated)]
            impl #private::Root for #ident {

                fn session(&self) -> &#krate::Session {
                    #(&self.#held)*
                }

                fn over(&self, session: #krate::Session) -> Self {
                    Self::assembled(session, &[#(&self.#state),*])
                }

                #assembled
                #base_url

                fn routes() -> #private::Routes {
                    use #private::DeclaringNothing as _;
                    let mut routes = #private::Routes::of(#text) #values;
                    #private::Probe::<Self>::list(&mut routes);
                    #(<#endpoints as #private::Endpoint>::list_at_path(&mut routes);)*
                    routes
                }
            }

            #[doc(hidden)]
            #[automatically_derived]
            #[allow(deprecated)]
            impl #private::Placed for #ident {
                fn handle(&self) -> #private::Handle {
                    #private::Root::session(self).handle()
                }
            }
        }
    }

    /// The text for the description.
    fn text(&self) -> Record {
        let mut text = Record::new(&self.ident.unraw().to_string());
        text.extend(&self.described);
        for field in self.state() {
            let name = field.ident.unraw().to_string();
            if self.variables.contains(&name) {
                let mut docs = Record::units();
                docs.docs(field.docs.iter().copied());
                text.pair("variable", &name, docs.value());
            }
        }
        text
    }

    /// Generates the methods of the struct.
    fn methods(&self) -> TokenStream {
        let Self { krate, ident, vis, .. } = self;
        let private = quote!(#krate::__private);
        let builder = self.builder_ident();
        let about = format!("Creates a builder for {} [`{ident}`].", article(&ident.to_string()));
        let arguments = self.of(Role::Given).map(|Field { ident, ty, .. }| quote!(#ident: #ty));
        let fields = self.state().map(|Field { ident, ty, role, .. }| {
            let value = match role {
                Role::Defaulted => quote!(::core::default::Default::default()),
                _ => quote!(#ident),
            };
            quote!(<#ty as #private::State>::kept(#value))
        });
        let setters = &self.setters;
        let accessors = self.accessors();
        quote! {
            #[allow(deprecated)]
            impl #ident {
                #[doc = #about]
                #vis fn builder(#(#arguments),*) -> #builder {
                    #krate::SessionBuilder::open(
                        #krate::Options::new() #setters .declared(
                            ::core::option_env!("CARGO_PKG_NAME"),
                            ::core::option_env!("CARGO_PKG_VERSION"),
                        ),
                        ::std::vec![#(#fields),*],
                        #builder,
                    )
                }

                /// Returns the base URL.
                ///
                /// # Errors
                ///
                /// While the session is built.
                #vis fn base_url(&self) -> #krate::Result<#krate::Url> {
                    #private::Root::session(self).base_url()
                }

                /// Creates the call of a request that `build()` of another call returned, changed or not.
                #vis fn send(&self, request: #krate::Request) -> #krate::RawCall {
                    #private::Root::session(self).send(request)
                }

                /// Returns the transport of requests to `url`.
                ///
                /// # Errors
                ///
                /// While the session is built.
                #vis fn transport_of(
                    &self,
                    url: &#krate::Url,
                ) -> #krate::Result<::std::sync::Arc<dyn #krate::transport::Transport>> {
                    #private::Root::session(self).transport_of(url)
                }

                /// Signs out, if the session is signed in, and closes the connections that are idle.
                ///
                /// The session can still be used: the next call signs in again.
                ///
                /// # Errors
                ///
                /// If the sign-out fails. The session is signed out all the same.
                #vis async fn close(&self) -> #krate::Result<()> {
                    #private::Root::session(self).close().await
                }

                /// Runs `run` with this session, and signs out when `run` ends.
                ///
                /// If `run` panics or is dropped, a background task signs out, for which it has at most 5 seconds.
                ///
                /// # Errors
                ///
                /// The error of `run`, even if the sign-out fails as well. After a success of `run`, the error of the
                /// sign-out.
                #vis async fn scope<T, E, F>(&self, run: F) -> ::core::result::Result<T, E>
                where
                    F: ::core::ops::AsyncFnOnce(Self) -> ::core::result::Result<T, E>,
                    E: ::core::convert::From<#krate::Error>,
                {
                    let run = run(::core::clone::Clone::clone(self));
                    #private::Root::session(self).scoped(run).await
                }

                /// Returns where the credential comes from, and what was looked at, without what was found.
                #[must_use]
                #vis fn credential_source(&self) -> #krate::CredentialSource {
                    #private::Root::session(self).credential_source()
                }

                /// Returns the same session with other settings for all its calls.
                ///
                /// Both sessions share their connections, their login and their limits. An invalid setting is reported
                /// by each call.
                #[must_use]
                #vis fn with(
                    &self,
                    change: impl ::core::ops::FnOnce(#krate::Settings) -> #krate::Settings,
                ) -> Self {
                    let settings = change(#krate::Settings::new());
                    #private::Root::over(self, #private::Root::session(self).with(settings))
                }

                /// Returns a client for other requests to this API.
                ///
                /// Use it for requests that have no method here. Paths are below the base URL.
                #[must_use]
                #vis fn raw(&self) -> #krate::Raw {
                    #private::Placed::handle(self).raw()
                }

                /// Returns what this API declares: its base URL, its settings, and all operations.
                #[must_use]
                #vis fn description() -> #krate::Description {
                    <Self as #private::Root>::routes().into_description()
                }

                /// Returns all operations of this API with their full paths. [`description`](Self::description) needs no session.
                #[must_use]
                #vis fn operations(&self) -> ::std::vec::Vec<#krate::Route> {
                    <Self as #private::Root>::routes().into_vec()
                }
            }

            #accessors
        }
    }

    /// Generates one method for each endpoint.
    fn accessors(&self) -> TokenStream {
        let Self { krate, ident: session, vis, .. } = self;
        let accessors = self.of(Role::Endpoint).map(|Field { ident, ty, docs, deprecated, .. }| {
            let about = format!("Returns the endpoint `{}`.", ident.unraw());
            let docs = if docs.is_empty() { quote!(#[doc = #about]) } else { quote!(#(#docs)*) };
            // The span makes the compiler underline the field if an operation or a graft has its name.
            let head = quote!(#vis fn).into_iter().map(|token| located(token, ident.span()));
            quote!({ #docs #(#deprecated)* } [#(#head)*] #ident: #ty;)
        });
        quote!(#krate::__private::accessors! { #session #(#accessors)* })
    }

    /// Generates the builder: the setters of the author's fields.
    fn builder(&self) -> TokenStream {
        let Self { krate, ident: name, vis, .. } = self;
        let private = quote!(#krate::__private);
        let builder = self.builder_ident();
        let path = krate.to_string().replace(' ', "");
        let path = path.trim_start_matches(':');
        let about = format!(
            "A builder for {} [`{name}`]. Set options first, then call [`build`](Self::build) or [`connect`](Self::connect). The \
             options, such as `timeout`, are those of a [`SessionBuilder`]({path}::SessionBuilder).",
            article(&name.to_string())
        );
        let fields = self.state().enumerate().filter(|(_, field)| field.role == Role::Defaulted);
        let setters = fields.map(|(index, Field { ident, ty, docs, .. })| {
            let about = format!("Sets `{ident}`.");
            let docs = if docs.is_empty() { quote!(#[doc = #about]) } else { quote!(#(#docs)*) };
            quote! {
                #docs
                #[must_use]
                #vis fn #ident(self, #ident: #ty) -> Self {
                    self.0.with_field(#index, <#ty as #private::State>::kept(#ident))
                }
            }
        });
        quote!(#private::builder! { { #[doc = #about] } #vis #builder #name { #(#setters)* } })
    }

    /// Generates the fn that makes the struct of a session and copies of the author's fields, with the endpoints grafted.
    fn assembled(&self) -> TokenStream {
        let krate = &self.krate;
        let private = quote!(#krate::__private);
        let mut index = 0_usize..;
        let fields = self.fields.iter().map(|Field { ident, ty, role, .. }| match role {
            Role::Session => quote!(#ident: session),
            Role::Endpoint => quote!(#ident: <#ty as #private::Endpoint>::graft(&handle)),
            Role::Given | Role::Defaulted => {
                let index = index.next();
                // The type is named so that it is underlined if it can't be copied.
                quote!(#ident: <#ty as #private::State>::copied(fields, #index))
            }
        });
        quote! {
            fn assembled(session: #krate::Session, fields: &[&dyn ::core::any::Any]) -> Self {
                let handle = session.handle();
                Self { #(#fields),* }
            }
        }
    }

    /// Generates the fn that returns the base URL from its variables, if it has any.
    fn base_url(&self) -> Option<TokenStream> {
        let Self { krate, base_url, variables, .. } = self;
        let private = quote!(#krate::__private);
        // It can't conflict with the author's names.
        let fields = Ident::new("fields", Span::mixed_site());
        let named =
            self.state().enumerate().map(|(index, field)| (index, field, field.ident.unraw().to_string()));
        let named: Vec<_> = named.filter(|(.., name)| variables.contains(name)).collect();
        let copies = named.iter().map(|(index, Field { ident, ty, .. }, _)| {
            quote!(let #ident = <#ty as #private::State>::copied(#fields, #index);)
        });
        let values = named.iter().map(|(_, Field { ident, ty, .. }, name)| {
            // The span makes a type that has no text be underlined where the author wrote it.
            let value = quote_spanned!(ty.span()=> (&&#private::Probe::<#ty>::new()).variable(&#ident));
            quote!((#name, #value))
        });
        (!named.is_empty()).then(|| {
            quote! {
                fn base_url_of(
                    #fields: &[&dyn ::core::any::Any],
                ) -> #krate::Result<::core::option::Option<::std::string::String>> {
                    use #private::{ByDisplay as _, ByStr as _};
                    #(#copies)*
                    #private::filled(#base_url, &[#(#values),*])
                }
            }
        })
    }

    /// The author's fields.
    fn state(&self) -> impl Iterator<Item = &Field<'_>> {
        self.fields.iter().filter(|field| matches!(field.role, Role::Given | Role::Defaulted))
    }

    /// Generates the empty impl of the hooks, if the author doesn't write one.
    fn hooks(&self) -> TokenStream {
        let Self { krate, ident, hooks, .. } = self;
        if *hooks {
            return TokenStream::new();
        }
        // If the author writes an impl all the same, the compiler's message quotes the name of this macro.
        quote!(#krate::__private::no_hooks_unless_session_has_hooks!(#ident);)
    }

    /// Generates an impl for a struct that has mistakes, so that code which uses the struct causes no further errors.
    fn fallback(&self) -> TokenStream {
        let Self { krate, ident, .. } = self;
        let private = quote!(#krate::__private);
        quote! {
            #[doc(hidden)]
            #[automatically_derived]
            #[allow(deprecated)]
            impl #private::Root for #ident {

                fn session(&self) -> &#krate::Session {
                    ::core::unreachable!()
                }

                fn over(&self, _: #krate::Session) -> Self {
                    ::core::unreachable!()
                }

                fn assembled(_: #krate::Session, _: &[&dyn ::core::any::Any]) -> Self {
                    ::core::unreachable!()
                }

                fn routes() -> #private::Routes {
                    ::core::unreachable!()
                }
            }
        }
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Field<'_>> {
        self.fields.iter().filter(move |field| field.role == role)
    }

    fn builder_ident(&self) -> Ident {
        format_ident!("{}Builder", self.ident)
    }
}

/// Sets the span of a token and of all tokens within it.
fn located(mut token: TokenTree, span: Span) -> TokenTree {
    if let TokenTree::Group(group) = &token {
        let tokens = group.stream().into_iter().map(|token| located(token, span)).collect();
        token = TokenTree::Group(Group::new(group.delimiter(), tokens));
    }
    token.set_span(span.resolved_at(token.span()));
    token
}

fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" }
}

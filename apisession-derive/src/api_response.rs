//! `#[derive(ApiResponse)]`: an enum of the responses of an operation, one for each status.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Type};

use crate::keys::{self, Keys};
use crate::krate::krate;
use crate::mistakes::Mistakes;
use crate::record::Record;
use crate::source::source;
use crate::statuses::Status;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let keys = Keys::of(&input.attrs, keys::RESPONSE, &mut mistakes);
    let krate = krate(&keys, &mut mistakes);
    let variants = variants(&input, &mut mistakes);
    check(&input, &variants, &mut mistakes);
    if !input.generics.params.is_empty() {
        return quote!(#mistakes);
    }
    let variants = if mistakes.is_empty() { &*variants } else { &[] };
    let expanded = expand(&krate, &input.ident, variants);
    quote!(#mistakes #expanded)
}

/// A variant, and the responses that become it.
struct Variant<'a> {
    ident: &'a Ident,
    statuses: Vec<Status>,
    attrs: &'a [Attribute],
    /// What the response is decoded as. A variant without a field takes any body.
    field: Option<&'a Type>,
}

fn variants<'a>(input: &'a DeriveInput, mistakes: &mut Mistakes) -> Vec<Variant<'a>> {
    let Data::Enum(data) = &input.data else {
        mistakes.at(
            &input.ident,
            "`ApiResponse` can only be derived for an enum; write one variant for each status",
        );
        return Vec::new();
    };
    let mut variants = Vec::new();
    for variant in &data.variants {
        let mut marks = variant.attrs.iter().filter(|attribute| attribute.path().is_ident("status"));
        let statuses = match marks.next() {
            Some(mark) => Status::parse_all(mark, mistakes),
            None => {
                let message = "this variant has no status; add `#[status(200)]` or `#[status(2xx)]` above it";
                mistakes.at(&variant.ident, message);
                Vec::new()
            }
        };
        for second in marks {
            mistakes
                .at(second, "a variant can have only one of these; put all statuses in one `#[status(…)]`");
        }
        let field = field(&variant.fields, mistakes);
        variants.push(Variant { ident: &variant.ident, statuses, attrs: &variant.attrs, field });
    }
    variants
}

/// ```text
/// #[status(200)] Done { report: Report }, #[status(202)] Accepted(Job, u32), #[status(204)] Nothing(),
/// ```
fn field<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Option<&'a Type> {
    match fields {
        Fields::Unit => None,
        Fields::Unnamed(unnamed) if unnamed.unnamed.len() == 1 => Some(&unnamed.unnamed[0].ty),
        Fields::Unnamed(_) => {
            let message = "a variant has one field, the decoded response: `Done(Report)`; with status and headers it is \
                           `Done(Response<Report>)`, and without a body `Done`";
            mistakes.at(fields, message);
            None
        }
        Fields::Named(_) => {
            mistakes.at(
                fields,
                "a variant can't have named fields; write `Done(Report)`, or `Done` without a body",
            );
            None
        }
    }
}

/// ```text
/// #[status(404)] Missing, #[status(200)] A(Report), #[status(200)] B, #[status(100)] Continue,
/// ```
fn check(input: &DeriveInput, variants: &[Variant<'_>], mistakes: &mut Mistakes) {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "the enum can't be generic; use concrete types");
    }
    let mut seen: Vec<&Status> = Vec::new();
    for status in variants.iter().flat_map(|variant| &variant.statuses) {
        if seen.contains(&status) {
            let message = format!("another variant has the status {} already; keep one", quote!(#status));
            mistakes.at(status, message);
        }
        if !(2..=5).contains(&status.class()) {
            let message = "no call returns this status, so the variant can't be reached by it; remove it";
            mistakes.at(status, message);
        }
        seen.push(status);
    }
    let is_success = |variant: &Variant<'_>| variant.statuses.iter().any(|status| status.class() == 2);
    let are_complete = variants.iter().all(|variant| !variant.statuses.is_empty());
    if are_complete && !variants.iter().any(is_success) && matches!(input.data, Data::Enum(_)) {
        let message = "the enum has no variant for a success; add one with `#[status(200)]` or `#[status(2xx)]`. \
                       `ApiError` is for the errors";
        mistakes.at(&input.ident, message);
    }
}

fn expand(krate: &TokenStream, name: &Ident, variants: &[Variant<'_>]) -> TokenStream {
    let private = quote!(#krate::__private);
    let (mut arms, mut absent_arms) = (TokenStream::new(), TokenStream::new());
    // The most exact pattern is first.
    for classes in [false, true] {
        for variant in variants {
            arms.extend(variant.arm(classes, &private));
            absent_arms.extend(variant.absent_arm(classes, &private));
        }
    }
    let (mut accepts, mut reads) = (TokenStream::new(), TokenStream::new());
    let mut cases = Record::units();
    let (mut redirects, mut declared) = (false, Vec::new());
    for variant in variants {
        if let Some(ty) = variant.field {
            accepts.extend(quote_spanned!(ty.span()=> #private::Probe::<#ty>::ASKS.accept,));
            reads.extend(quote_spanned!(ty.span()=> #private::Probe::<#ty>::ASKS.reads,));
        }
        cases.push(&variant.case());
        for status in &variant.statuses {
            redirects |= status.class() == 3;
            declared.push(source(status));
        }
    }
    let declared = declared.join(", ");
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::FromResponse for #name {
            const ACCEPT: &'static str = {
                #[allow(unused_imports)]
                use #private::AcceptsJson as _;
                #private::common_accept(&[#accepts])
            };
            const RETURNS_REDIRECTS: bool = #redirects;
            const READS: #krate::Reads = {
                #[allow(unused_imports)]
                use #private::AcceptsJson as _;
                #private::common_reads(&[#reads])
            };
            const KIND: #krate::ResponseKind = #krate::ResponseKind::ByStatus;
            const CASES: &'static str = #cases;

            fn from_response(response: #krate::Response) -> #krate::Result<Self> {
                #[allow(unused_imports)]
                use #private::{ByNothing as _, ByResponse as _, BySerde as _};
                match response.status().as_u16() {
                    #arms
                    _ => ::core::result::Result::Err(#private::undeclared_status::<Self>(&response, #declared)),
                }
            }

            fn is_absent(response: &#krate::Response) -> bool {
                #[allow(unused_imports)]
                use #private::{ByNothing as _, ByResponse as _, BySerde as _};
                match response.status().as_u16() {
                    #absent_arms
                    _ => #private::has_no_body(response),
                }
            }
        }
    }
}

impl Variant<'_> {
    /// The text for the descriptors of operations.
    fn case(&self) -> Record {
        let mut case = Record::new(&self.ident.unraw().to_string());
        self.statuses.iter().for_each(|status| case.unit("status", &source(status)));
        case.maybe("field", self.field.map(source));
        case.docs(self.attrs);
        case
    }

    /// The patterns of its classes, or of its other statuses.
    fn patterns(&self, classes: bool) -> Option<TokenStream> {
        let statuses = self.statuses.iter().filter(|status| status.is_class() == classes);
        let patterns: Vec<_> = statuses.map(Status::pattern).collect();
        (!patterns.is_empty()).then(|| quote!(#(#patterns)|*))
    }

    /// The match arm that creates the variant.
    fn arm(&self, classes: bool, private: &TokenStream) -> Option<TokenStream> {
        let (ident, patterns) = (self.ident, self.patterns(classes)?);
        let Some(ty) = self.field else {
            return Some(quote!(#patterns => ::core::result::Result::Ok(Self::#ident),));
        };
        // The span makes a type that can't be decoded be underlined where the author wrote it.
        let decode = quote_spanned!(ty.span()=> decode);
        Some(quote! {
            #patterns => (&&&#private::Probe::<#ty>::new())
                .#decode(::core::result::Result::Ok(response))
                .map(Self::#ident),
        })
    }

    /// The match arm that tells whether there is nothing to create the variant from.
    fn absent_arm(&self, classes: bool, private: &TokenStream) -> Option<TokenStream> {
        let patterns = self.patterns(classes)?;
        Some(match self.field {
            Some(ty) => quote!(#patterns => (&&&#private::Probe::<#ty>::new()).is_absent(response),),
            None => quote!(#patterns => false,),
        })
    }
}

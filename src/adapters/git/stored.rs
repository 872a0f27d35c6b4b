//! The form in which Git would store a file of the working directory: line endings and encoding
//! follow `.gitattributes` and `core.autocrlf`, and no program is started.

use std::path::Path;

use gix::attrs::{StateRef, search::Outcome};
use gix::filter::plumbing::pipeline::CrlfRoundTripCheck;
use gix::objs::Find;
use gix::worktree::stack::state::attributes::Source;

use super::unreadable;
use crate::tree::TreeError;

/// The conversion, with the attributes it has read so far.
pub(super) struct Conversion {
    pipeline: gix::filter::plumbing::Pipeline,
    attributes: gix::worktree::Stack,
    index: gix::worktree::Index,
    filter: Outcome,
}

impl Conversion {
    /// The conversion of a repository's working directory.
    pub fn of(repository: &gix::Repository) -> Result<Self, gix::Error> {
        let mut options = gix::filter::Pipeline::options(repository)?;
        // Filter drivers are command lines. Without one the pipeline can start no program.
        options.drivers.clear();
        // Nothing is written back, so the conversion need not be reversible.
        options.crlf_roundtrip_check = CrlfRoundTripCheck::Skip;
        options.encodings_with_roundtrip_check.clear();
        let index = repository.index_or_empty()?;
        let attributes = repository.attributes_only(&index, Source::WorktreeThenIdMapping)?.detach();
        let filter = attributes.selected_attribute_matches(["filter"]);
        let pipeline =
            gix::filter::plumbing::Pipeline::new(Default::default(), repository.object_hash(), options);
        Ok(Self { pipeline, attributes, index, filter })
    }

    /// The bytes of the file at `path`, as Git would store them.
    ///
    /// # Errors
    /// [`TreeError::Filtered`] when only a program could produce them.
    pub fn stored(
        &mut self,
        repository: &gix::Repository,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, TreeError> {
        let Self { pipeline, attributes, index, filter } = self;
        let place = attributes
            .at_path(Path::new(path), None, &repository.objects)
            .map_err(|error| unreadable(path, error))?;
        place.matching_attributes(filter);
        for found in filter.iter_selected() {
            if let StateRef::Value(name) = found.assignment.state {
                let filter = name.as_bstr().to_string();
                return Err(TreeError::Filtered { path: path.to_owned(), filter });
            }
        }
        let mut of_index = |buffer: &mut Vec<u8>| -> Result<Option<()>, gix::Error> {
            let Some(entry) = index.entry_by_path(path.into()) else { return Ok(None) };
            let found = repository.objects.try_find(&entry.id, buffer)?;
            Ok(found.filter(|object| object.kind == gix::objs::Kind::Blob).map(|_| ()))
        };
        let mut given = |_: &gix::bstr::BStr, wanted: &mut Outcome| {
            place.matching_attributes(wanted);
        };
        let outcome = pipeline
            .convert_to_git(bytes.as_slice(), Path::new(path), &mut given, &mut of_index)
            .map_err(|error| unreadable(path, error))?;
        let converted = outcome.as_bytes().map(<[u8]>::to_vec);
        Ok(converted.unwrap_or(bytes))
    }
}

// All that a program can name: the units of this build, the built-in kit, the folders of samples.
#pragma once

#include "lang/program.h"
#include "lang/vocabulary.h"
#include "server/control/samples.h"
#include "server/dsp/kernel.h"

namespace hocket {

/// The text of the built-in kit.
const Source& kit_source();

/// Units and kit; the kit is read once. Its text is the project's own: an error in it is an assertion.
Vocabulary make_vocabulary(const UnitTable&);
Vocabulary make_vocabulary(const UnitTable&, const SampleLibrary&);

}  // namespace hocket

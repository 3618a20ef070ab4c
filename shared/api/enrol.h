#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/api/settings.h"
#include "shared/trust/certificate.h"
#include "shared/units/unit_tree.h"

/// Making nodes and certifying devices: one file each way (`docs/FORMATS.md`, Enrolment).
namespace lalanh {

class Node;

/// Makes the folder, the device's key (secret) and its settings; writes the request file and
/// returns its path. system.exists where the folder has a key already: nothing is changed then.
Result<std::string> init_device(Files& files, Random& random, const std::string& folder,
                                const std::string& name, const std::string& actor);

/// Makes a province: root key, device key, certificate, settings, and the database with the tree
/// of `facts` in the reference channel of the province. system.exists as above.
Status init_province(Files& files, Random& random, Clock& clock, const std::string& folder,
                     const std::string& actor, const std::vector<UnitFact>& facts);

/// Certifies the device of a request for a unit at or below the node's own. The answer file's
/// bytes; the device number is new unless this key was certified before for this unit (then the
/// same answer is given again). `path`: what people call the request file; `address`: where the
/// device reaches this node. Errors: input.wrong_file, input.not_an_address, input.too_large,
/// trust.not_allowed (unit elsewhere, or no right to certify).
Result<Bytes> certify(Node& node, ByteView request, UnitNo unit, const std::string& address,
                      const std::string& path = "device.llreq");

/// Takes the parent's answer, from the file `path`: checks key, root and chain, then writes
/// certificate, root key and settings. A second time with the same answer changes nothing;
/// trust.wrong_root where the node already belongs to another system. store.not_made before init;
/// input.wrong_file; trust.other_unit where the node is certified for another unit.
Status enrol(Files& files, const std::string& folder, ByteView answer,
             const std::string& path = "device.llcert");

}  // namespace lalanh

#include "CXMP.h"

#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <string>

#include <exiv2/exiv2.hpp>

namespace {

std::recursive_mutex toolkit;

void lockToolkit(void *, bool lock) {
  if (lock) {
    toolkit.lock();
  } else {
    toolkit.unlock();
  }
}

// The XMP toolkit inside of exiv2 is one for the process; exiv2 takes the lock that it is given around each use of it.
void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
    Exiv2::XmpParser::initialize(lockToolkit, nullptr);
#ifdef EXV_ENABLE_BMFF
    Exiv2::enableBMFF(true);
#endif
  });
}

void say(fg_xmp_message *message, const char *text) {
  if (message) std::snprintf(message->text, sizeof message->text, "%s", text);
}

int code(const Exiv2::Error &error) {
  switch (error.code()) {
  case Exiv2::kerFileContainsUnknownImageType:
  case Exiv2::kerMemoryContainsUnknownImageType:
  case Exiv2::kerUnsupportedImageType:
  case Exiv2::kerInvalidSettingForImage:
  case Exiv2::kerWritingImageFormatUnsupported:
    return FG_XMP_UNSUPPORTED;
  case Exiv2::kerMallocFailed:
    return FG_XMP_OUT_OF_MEMORY;
  default:
    return FG_XMP_CORRUPT;
  }
}

template <class Body> int guarded(fg_xmp_message *message, Body body) {
  say(message, "");
  try {
    prepare();
    // Which prefix stands for a namespace is the toolkit's state between reading and writing, too.
    const std::lock_guard<std::recursive_mutex> hold(toolkit);
    return body();
  } catch (const Exiv2::Error &error) {
    say(message, error.what());
    return code(error);
  } catch (const std::bad_alloc &) {
    say(message, "out of memory");
    return FG_XMP_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    say(message, error.what());
  } catch (...) {
    say(message, "unknown error");
  }
  return FG_XMP_CORRUPT;
}

// Gives the usual prefixes to the namespaces that are read and written, whatever other packets before used them for: exiv2 and its
// toolkit keep what they saw.
void usePrefixes() {
  Exiv2::XmpProperties::unregisterNs();
  Exiv2::XmpData data;
  Exiv2::XmpParser::decode(
      data,
      "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
      "<rdf:Description rdf:about='' xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
      " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#' xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#'>"
      "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:AppliedToDimensions rdf:parseType='Resource'><stDim:w>1</stDim:w>"
      "</mwg-rs:AppliedToDimensions><stArea:x>1</stArea:x></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>");
}

Exiv2::XmpData parsed(const uint8_t *bytes, size_t count) {
  Exiv2::XmpData data;
  usePrefixes();
  if (count > 0) {
    const std::string packet(reinterpret_cast<const char *>(bytes), count);
    if (Exiv2::XmpParser::decode(data, packet) != 0) throw Exiv2::Error(Exiv2::kerErrorMessage, "the XMP cannot be parsed");
  }
  return data;
}

// The packet of some properties. A file may have declared the usual prefix for something else, and then nobody would find the
// regions.
std::string encoded(const Exiv2::XmpData &data, uint16_t format) {
  std::string packet;
  if (Exiv2::XmpParser::encode(packet, data, format) != 0) {
    throw Exiv2::Error(Exiv2::kerErrorMessage, "the XMP cannot be written");
  }
  if (packet.find("http://www.metadataworkinggroup.com/schemas/regions/") == std::string::npos) {
    throw Exiv2::Error(Exiv2::kerErrorMessage, "the XMP cannot be written: it uses the prefix mwg-rs for something else");
  }
  return packet;
}

void set(Exiv2::XmpData &data, const fg_xmp_change &change) {
  const Exiv2::XmpKey key(change.key);
  const auto known = data.findKey(key);
  if (change.form == FG_XMP_TEXT) {
    // Reading a text as exiv2 does would take `type=…` at its beginning for something else.
    Exiv2::XmpTextValue value;
    value.value_ = change.value;
    if (known != data.end()) {
      known->setValue(&value);
    } else {
      data.add(key, &value);
    }
  } else if (known == data.end()) {
    Exiv2::XmpTextValue value("");
    if (change.form == FG_XMP_STRUCT) {
      value.setXmpStruct(Exiv2::XmpValue::xsStruct);
    } else {
      value.setXmpArrayType(Exiv2::XmpValue::xaBag);
    }
    data.add(key, &value);
  }
}

} // namespace

int fg_xmp_read(const uint8_t *bytes, size_t count, fg_xmp_kind kind, fg_xmp_visit visit, void *context,
                fg_xmp_message *message) {
  return guarded(message, [&] {
    Exiv2::XmpData data;
    if (kind == FG_XMP_PACKET) {
      data = parsed(bytes, count);
    } else {
      usePrefixes();
      const auto image = Exiv2::ImageFactory::open(bytes, static_cast<long>(count));
      image->readMetadata();
      data = image->xmpData();
    }
    for (const auto &property : data) {
      const auto *text = dynamic_cast<const Exiv2::XmpTextValue *>(&property.value());
      visit(context, property.key().c_str(), text ? text->value_.c_str() : property.toString().c_str());
    }
    return FG_XMP_OK;
  });
}

int fg_xmp_write(const uint8_t *bytes, size_t count, fg_xmp_kind kind, const fg_xmp_change *changes, size_t change_count,
                 fg_xmp_take take, void *context, fg_xmp_message *message) {
  return guarded(message, [&] {
    if (kind == FG_XMP_PACKET) {
      auto data = parsed(bytes, count);
      for (size_t i = 0; i < change_count; ++i) set(data, changes[i]);
      const auto packet = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                          + encoded(data, Exiv2::XmpParser::useCompactFormat | Exiv2::XmpParser::omitPacketWrapper);
      take(context, reinterpret_cast<const uint8_t *>(packet.data()), packet.size());
      return FG_XMP_OK;
    }
    usePrefixes();
    const auto image = Exiv2::ImageFactory::open(bytes, static_cast<long>(count));
    image->readMetadata();
    for (size_t i = 0; i < change_count; ++i) set(image->xmpData(), changes[i]);
    encoded(image->xmpData(), Exiv2::XmpParser::useCompactFormat);
    image->writeXmpFromPacket(false);
    image->writeMetadata();
    Exiv2::BasicIo &io = image->io();
    if (io.open() != 0) throw Exiv2::Error(Exiv2::kerErrorMessage, "the photo cannot be written");
    const uint8_t *result = io.mmap();
    take(context, result, static_cast<size_t>(io.size()));
    io.munmap();
    return FG_XMP_OK;
  });
}

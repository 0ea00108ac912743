/// A layer of a Keras model as its configuration states it, taken out of the models that nest it.
struct KerasLayer {
  /// The layer's own name.
  var name: String
  /// Keras' class.
  var className: String
  var config: JSONValue
  /// The names of the layers that it takes from, `Network.inputName` for the model's input.
  var inputs: [String]
  /// The models around it, outermost first, by name.
  var models: [String]
  /// The group of its variables in Keras 3's layout: `layers/sequential/layers/conv2d`.
  var variables: [String]
}

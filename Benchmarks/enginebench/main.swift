import NeuralNetwork
print(InstructionSet.best)

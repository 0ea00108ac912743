print("gallerybench")

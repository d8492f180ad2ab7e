{
	"targets": [
		{
			"target_name": "nprocs",
			"sources": ["<!@(find os bind -name '*.cc' | sort)"],
			"include_dirs": ["."],
			"defines": ["NAPI_VERSION=8", "_GNU_SOURCE"],
			"cflags_cc": ["-std=c++17", "-O2", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter"],
			"ldflags": ["-static-libgcc", "-static-libstdc++", "-Wl,--version-script=../exports.map", "-Wl,-z,nodelete"]
		},
		{
			"target_name": "nprocs_mpi",
			"sources": ["<!@(find mpi -name '*.cc' | sort)"],
			"include_dirs": ["."],
			"defines": ["NAPI_VERSION=8", "_GNU_SOURCE"],
			"cflags_cc": ["-std=c++17", "-O2", "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-cast-function-type"],
			"libraries": ["-ldl"],
			"ldflags": ["-static-libgcc", "-static-libstdc++", "-Wl,--version-script=../exports.map", "-Wl,-z,nodelete"]
		}
	]
}
